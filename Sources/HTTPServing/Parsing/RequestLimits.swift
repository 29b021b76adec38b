/// How much a client may send.
public struct RequestLimits: Sendable, Equatable {
    /// How long the request line and the fields together may be, in bytes, their line ends included.
    ///
    /// Past it the client gets 414 or 431.
    public var headerBytes = 32 << 10
    /// How many field lines a head may have.
    ///
    /// Past it the client gets 431.
    public var headerFields = 100
    /// How long a body may be, in bytes; changed for a request by `HTTPBody.limit`.
    ///
    /// Past it the responder's reading throws, and unless it answers otherwise the client gets 413.
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
