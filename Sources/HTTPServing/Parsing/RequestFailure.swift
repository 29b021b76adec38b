/// The reason why a request is refused, before a responder sees it or while its body is read.
///
/// Later bytes of the connection are never read as a request.
package struct RequestFailure: Error, Sendable, Equatable {
    /// The status that the client gets by default.
    package let status: HTTPStatus
    /// The sentence that the client gets by default, without a full stop.
    ///
    /// It quotes no bytes from the client.
    package let reason: String

    init(_ status: HTTPStatus, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    static func malformed(_ reason: String) -> Self { Self(.badRequest, reason) }

    static let controlCharacter = malformed(
        "the request holds a control character, or a line that does not end with CR LF")
    static let targetTooLong = Self(.uriTooLong, "the request target is too long")
    static let fieldsTooLarge = Self(.requestHeaderFieldsTooLarge, "the headers are too large")
    static let tooManyFields = Self(.requestHeaderFieldsTooLarge, "there are too many headers")
    static let bodyTooLarge = Self(.contentTooLarge, "the request body is too large")
    static let trailersTooLarge = malformed("the trailers are too large")
}
