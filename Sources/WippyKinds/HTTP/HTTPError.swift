public import HTTPServing

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
    var response: HTTPResponse { HTTPResponse(status: status, error: message) }
}
