public import HTTPServing
public import WippyValues

/// An error that is an answer: a status, and a sentence for the client.
///
/// Throw it from an HTTP handler.
public struct HTTPError: Error, CustomStringConvertible {
    /// The status of the answer.
    public let status: HTTPStatus

    /// The sentence for the client, which gets it as `{"error": "…"}`.
    public let message: String

    /// Further members of the answer's JSON object, by name.
    ///
    /// The name `error` is taken by the message.
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
