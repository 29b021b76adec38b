public import Wippy

/// The answer of an application to a request.
public struct TestResponse: Sendable, CustomStringConvertible {
    /// The status code, such as 200.
    public let status: Int
    /// The header fields.
    public let fields: HTTPFields
    /// The whole content, as bytes.
    public let body: [UInt8]

    /// The content as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Returns the content as a JSON value.
    ///
    /// - Throws: `JSONError` when the content is not JSON.
    public func json() throws -> Value { try JSON.decode(body) }

    /// Returns the content, decoded from JSON.
    ///
    /// - Throws: `JSONError` when the content is not JSON; the decoder's error when the content does not fit `Body`.
    public func json<Body: Decodable>(as type: Body.Type) throws -> Body {
        try ValueDecoder().decode(type, from: json())
    }

    /// The status code and the content as text.
    public var description: String { "\(status) \(text)" }
}
