/// Why a request is refused before a responder sees it, or while its body is read.
///
/// What follows it on the connection is never read as a request.
package struct RequestFailure: Error, Sendable, Equatable {
    /// What the client is told by number.
    package let status: HTTPStatus
    /// What the client is told in words: a sentence without a full stop, which quotes nothing that it sent.
    package let reason: String

    init(_ status: HTTPStatus, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    static func malformed(_ reason: String) -> Self { Self(.badRequest, reason) }

    static let controlCharacter = malformed("a control character, or a line that does not end with CR LF")
    static let targetTooLong = Self(.uriTooLong, "the request target is too long")
    static let fieldsTooLarge = Self(.requestHeaderFieldsTooLarge, "the header fields are too large")
    static let tooManyFields = Self(.requestHeaderFieldsTooLarge, "there are too many header fields")
    static let bodyTooLarge = Self(.contentTooLarge, "the request body is too large")
    static let trailersTooLarge = malformed("the trailer fields are too large")
}

/// How much a client may send.
package struct RequestLimits: Sendable, Equatable {
    /// The request line and the fields together, their line ends included: 32 KiB.
    ///
    /// At least 256, at most 16 MiB.
    package var headerBytes: Int {
        didSet { headerBytes = min(max(headerBytes, 256), 16 << 20) }
    }
    /// How many field lines a head may have: 100.
    package var headerFields: Int
    /// How long a body may be, unless it is changed before the body is read: 10 MiB.
    package var bodyBytes: Int

    package init(headerBytes: Int = 32 << 10, headerFields: Int = 100, bodyBytes: Int = 10 << 20) {
        self.headerBytes = min(max(headerBytes, 256), 16 << 20)
        self.headerFields = headerFields
        self.bodyBytes = bodyBytes
    }

    /// All lines of a trailer section together.
    ///
    /// Past it, the message is refused as malformed.
    static let trailerBytes = 8 << 10
    /// The extensions of one message's chunks together.
    ///
    /// Past it, the message is refused as malformed.
    static let extensionBytes = 8 << 10
}
