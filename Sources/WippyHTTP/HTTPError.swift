public import HTTPServing
public import WippyValues

/// An answer that a handler throws: a status, and a sentence for the client.
public struct HTTPError: Error, CustomStringConvertible {
    /// The status of the answer.
    public let status: HTTPStatus

    /// What the client reads: `{"error": "…"}`.
    public let message: String

    /// What the client reads beside the message, by name; `error` is the message's own.
    public let details: ValueMap

    /// Creates an error.
    public init(_ status: HTTPStatus, _ message: String, details: ValueMap = ValueMap()) {
        self.status = status
        self.message = message
        self.details = details
    }

    /// The status and the message.
    public var description: String { "\(status.code): \(message)" }

    /// The answer.
    var response: HTTPResponse {
        guard !details.isEmpty else { return HTTPResponse(status: status, error: message) }
        var body = details
        body["error"] = .string(message)
        return HTTPResponse(json: Array(JSON.text(of: .map(body)).utf8), status: status)
    }
}
