public import Wippy

/// What an application has answered.
public struct TestResponse: Sendable, CustomStringConvertible {
    /// The status: 200.
    public let status: Int
    /// The fields of the head.
    public let fields: HTTPFields
    /// The whole content.
    public let body: [UInt8]

    /// The content as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The content as a JSON value.
    ///
    /// - Throws: `JSONError` when it is none.
    public func json() throws -> Value { try JSON.decode(body) }

    /// The content decoded from JSON.
    ///
    /// - Throws: `JSONError` when it is none; what says that it is no `Body`.
    public func json<Body: Decodable>(as type: Body.Type) throws -> Body {
        try ValueDecoder().decode(type, from: json())
    }

    /// The status and the content.
    public var description: String { "\(status) \(text)" }
}
