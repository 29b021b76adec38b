public import HTTPServing
public import WippyValues

/// An error with an answer for the client: a status and a sentence.
///
/// Throw it from an HTTP handler.
public struct HTTPError: Error, CustomStringConvertible {
    /// The status of the answer.
    public let status: HTTPStatus

    /// The sentence for the client.
    ///
    /// The client gets it as `{"error": "…"}`.
    public let message: String

    /// Further members of the answer's JSON object, by name.
    ///
    /// A member with the name `error` is replaced by the message.
    public let details: ValueMap

    /// Creates an error, by default without details.
    public init(_ status: HTTPStatus, _ message: String, details: ValueMap = ValueMap()) {
        self.status = status
        self.message = message
        self.details = details
    }

    /// The code of the status and the message, such as "404: not found".
    public var description: String { "\(status.code): \(message)" }

    /// The answer that the error stands for.
    var response: HTTPResponse {
        guard !details.isEmpty else { return HTTPResponse(status: status, error: message) }
        var body = details
        body["error"] = .string(message)
        return HTTPResponse(json: Array(JSON.text(of: .map(body)).utf8), status: status)
    }
}
