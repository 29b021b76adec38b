public import HTTPServing
public import WippyRuntime

/// An answer that a handler throws: a status, and a sentence for the client.
public struct HTTPError: Error, CustomStringConvertible {
    /// The status of the answer.
    public let status: HTTPStatus

    /// What the client reads: `{"error": "…"}`.
    public let message: String

    /// Creates an error.
    public init(_ status: HTTPStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The status and the message.
    public var description: String { "\(status.code): \(message)" }

    /// The answer.
    var response: HTTPResponse { .json(["error": .string(message)], status: status) }
}

extension HTTPResponse {
    /// An answer of a JSON value, with the media type `application/json`.
    public static func json(_ value: Value, status: HTTPStatus = .ok) -> HTTPResponse {
        .json(encoded: JSON.encode(value), status: status)
    }

    /// An answer of an encodable value as JSON.
    ///
    /// - Throws: ``WippyError`` of kind `Invalid` when the value cannot be encoded.
    public static func json(_ value: some Encodable, status: HTTPStatus = .ok) throws -> HTTPResponse {
        .json(try ValueEncoder().encode(value), status: status)
    }

    /// An answer of JSON text that has been written already.
    public static func json(encoded bytes: [UInt8], status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json", body: bytes)
    }

    /// An answer of text, with the media type `text/plain; charset=utf-8`.
    public static func text(_ text: String, status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}

extension HTTPRequest {
    /// The body as a JSON value.
    ///
    /// - Throws: ``HTTPError`` with status 400 and the message `invalid JSON` when the body is empty or no JSON.
    public func json() async throws -> Value {
        let bytes = try await body.collect()
        do {
            return try JSON.decode(bytes)
        } catch {
            throw HTTPError(.badRequest, "invalid JSON")
        }
    }

    /// The body decoded from JSON.
    ///
    /// - Throws: ``HTTPError`` with status 400, and what is wrong with the body.
    public func json<Body: Decodable>(as type: Body.Type) async throws -> Body {
        let value = try await json()
        do {
            return try ValueDecoder().decode(type, from: value)
        } catch {
            throw HTTPError(.badRequest, "\(error)")
        }
    }
}
