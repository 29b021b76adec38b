public import EventLoops

/// A server's address, and its limits for clients.
///
/// Each property except ``address`` is declared with its default.
public struct HTTPServerSettings: Sendable, Equatable {
    /// The address on which the server listens.
    ///
    /// Port 0 means any free port.
    public var address: SocketAddress
    /// The time limits for clients and responders.
    public var timeouts = Timeouts()
    /// The size limits for requests.
    public var limits = RequestLimits()
    /// The largest number of open connections, at least 1.
    ///
    /// When the number is reached, accepting pauses until a connection closes. New clients wait in the kernel's queue.
    public var maxConnections = 10_000

    /// The time limits for clients and responders.
    ///
    /// A time of 0 or less is up after about a millisecond. It does not mean that there is no limit.
    public struct Timeouts: Sendable, Equatable {
        /// The time for a whole head, from its first byte.
        ///
        /// If the client takes longer, it gets 408.
        public var header: Duration = .seconds(10)
        /// The time for a whole body, from the moment when the responder begins to read it.
        ///
        /// If the client takes longer, reading throws. If the responder does not catch the error, the client gets 408
        /// by default.
        public var body: Duration = .seconds(30)
        /// The time that a connection may wait for its next request, and the time in which a client must take at least
        /// some of an answer.
        ///
        /// If the client takes longer, the connection closes.
        public var idle: Duration = .seconds(60)
        /// The time for a responder, from the head of the request to its response; nil means no limit.
        ///
        /// The time to write a response in pieces does not count.
        ///
        /// When the time is up, the client gets the answer to ``HTTPServingError/tooSlow``, by default 503, and the
        /// responder's task is cancelled. The server drops a later response. ``HTTPRequest/setTimeout(_:)`` changes the
        /// time for one request.
        public var responder: Duration? = .seconds(60)

        /// Creates the default times.
        public init() {}
    }

    /// Creates the default settings for an address.
    public init(address: SocketAddress) {
        self.address = address
    }
}
