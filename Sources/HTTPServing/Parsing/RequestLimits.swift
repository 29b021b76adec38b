/// The largest sizes of requests that a server accepts.
///
/// Each property is declared with its default.
public struct RequestLimits: Sendable, Equatable {
    /// The largest number of bytes in the request line and the header fields together, with their line ends.
    ///
    /// If the request line alone is longer, the client gets 414. If only both together are longer, the client gets 431.
    ///
    /// The limit must be in ``headerBytesRange``.
    public var headerBytes = 32 << 10
    /// The allowed values of ``headerBytes``: 1 KiB through 1 MiB.
    public static let headerBytesRange = 1 << 10...1 << 20
    /// The largest number of field lines in a head, in ``headerFieldsRange``.
    ///
    /// If a head has more, the client gets 431.
    public var headerFields = 100
    /// The allowed values of ``headerFields``.
    public static let headerFieldsRange = 1...10_000
    /// The largest number of bytes in a body, in ``bodyBytesRange``.
    ///
    /// To change it for one request, set ``HTTPBody/limit``.
    public var bodyBytes = 10 << 20
    /// The allowed values of ``bodyBytes``: 0 through 1 TiB.
    public static let bodyBytesRange = 0...1 << 40

    /// Creates the default limits.
    public init() {}

    /// The largest number of bytes in all lines of a trailer section.
    ///
    /// A message with more is refused as malformed.
    static let trailerBytes = 8 << 10
    /// The largest number of bytes in the extensions of all chunks of one message.
    ///
    /// A message with more is refused as malformed.
    static let extensionBytes = 8 << 10
}
