public import EventLoops
import WippyText

/// A server's address, and its limits for clients.
///
/// Each property except ``address`` is declared with its default. ``HTTPServer`` refuses values out of their ranges.
public struct HTTPServerSettings: Sendable, Equatable {
    /// The address on which the server listens.
    ///
    /// Port 0 means any free port.
    public var address: SocketAddress
    /// The time limits for clients and responders.
    public var timeouts = Timeouts()
    /// The size limits for requests.
    public var limits = RequestLimits()
    /// The number of open connections at which accepting pauses until one closes, in ``maxConnectionsRange``.
    public var maxConnections = 10_000

    /// The allowed values of ``maxConnections``.
    public static let maxConnectionsRange = 1...1_000_000

    /// The time limits for clients and responders, each in ``range``.
    public struct Timeouts: Sendable, Equatable {
        /// The allowed values of each time limit: 1 ms through 24 h.
        public static let range: ClosedRange<Duration> = .milliseconds(1) ... .seconds(86_400)

        /// The time for a whole head, from the moment when its first byte is read.
        ///
        /// If the client takes longer, it gets 408.
        public var header: Duration = .seconds(10)
        /// The time for a whole body.
        ///
        /// It begins no later than the first wait for bytes of the body.
        ///
        /// If a responder would wait longer, reading throws ``HTTPBodyError/Code/tooSlow``.
        public var body: Duration = .seconds(30)
        /// The time that a connection may wait for its next request, and the time in which a client must take the next
        /// part of an answer.
        ///
        /// If the client takes longer, the connection closes. The system decides how large the parts are.
        public var idle: Duration = .seconds(60)
        /// The time for a responder, from the head of the request to its response; nil means no limit.
        ///
        /// The time to write a response in pieces does not count.
        ///
        /// When the time is up, the client gets the answer to ``HTTPServingError/tooSlow``, by default 503, and the
        /// responder's task is cancelled. ``HTTPRequest/setTimeout(_:)`` changes the time for one request.
        public var responder: Duration? = .seconds(60)

        /// Creates the default times.
        public init() {}
    }

    /// Creates the default settings for an address.
    public init(address: SocketAddress) {
        self.address = address
    }

    /// Throws an error if a value is out of its range.
    func validate() throws(HTTPServerError) {
        try Self.check("number of connections", maxConnections, Self.maxConnectionsRange) { "\($0)" }
        try Self.check("size of a head", limits.headerBytes, RequestLimits.headerBytesRange) { "\($0)" }
        try Self.check("number of header fields", limits.headerFields, RequestLimits.headerFieldsRange) { "\($0)" }
        try Self.check("size of a body", limits.bodyBytes, RequestLimits.bodyBytesRange) { "\($0)" }
        try Self.check("time for a head", timeouts.header, Timeouts.range) { $0.inUnits }
        try Self.check("time for a body", timeouts.body, Timeouts.range) { $0.inUnits }
        try Self.check("time of an idle connection", timeouts.idle, Timeouts.range) { $0.inUnits }
        guard let responder = timeouts.responder else { return }
        try Self.check("time for a responder", responder, Timeouts.range) { $0.inUnits }
    }

    private static func check<Limit: Comparable>(
        _ name: String, _ value: Limit, _ range: ClosedRange<Limit>, _ text: (Limit) -> String
    ) throws(HTTPServerError) {
        guard !range.contains(value) else { return }
        throw .outOfRange(
            "the largest \(name) is \(text(value)), but must be within "
                + "\(text(range.lowerBound))...\(text(range.upperBound))")
    }
}
