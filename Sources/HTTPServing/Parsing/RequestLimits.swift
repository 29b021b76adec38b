/// How much a client may send.
public struct RequestLimits: Sendable, Equatable {
    /// How many bytes the request line and the header fields may have together, with their line ends.
    ///
    /// Past that the client gets 414 or 431.
    public var headerBytes = 32 << 10
    /// How many field lines a head may have.
    ///
    /// Past that the client gets 431.
    public var headerFields = 100
    /// How many bytes a body may have.
    ///
    /// `HTTPBody.limit` changes it for one request.
    ///
    /// Past that, reading the body throws. If the responder does not answer otherwise, the client gets 413.
    public var bodyBytes = 10 << 20

    /// The defaults.
    public init() {}

    /// All lines of a trailer section together.
    ///
    /// Past it, the message is refused as malformed.
    static let trailerBytes = 8 << 10
    /// The extensions of one message's chunks together.
    ///
    /// Past it, the message is refused as malformed.
    static let extensionBytes = 8 << 10
}
