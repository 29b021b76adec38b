public import EventLoops

/// Where a server listens, and how much of everything a client may take.
public struct HTTPServerSettings: Sendable, Equatable {
    /// Where to listen; port 0 means any that is free.
    public var address: SocketAddress
    /// How long a client, or a responder, may take.
    public var timeouts = Timeouts()
    /// How much a client may send.
    public var limits = RequestLimits()
    /// How many connections may be open at once, at least 1.
    ///
    /// Past it accepting pauses until one closes, and clients wait in the kernel's queue.
    public var connectionsMax = 10_000

    /// How long a client, or a responder, may take.
    ///
    /// Each is above zero; one that is not ends at the next turn of the loop.
    public struct Timeouts: Sendable, Equatable {
        /// For a whole head, from its first byte.
        ///
        /// Past it the client gets 408.
        public var header: Duration = .seconds(10)
        /// For a whole body, from the moment that the responder asks for it.
        ///
        /// Past it the responder's reading throws, and unless it answers otherwise the client gets 408.
        public var body: Duration = .seconds(30)
        /// Between two requests, and without progress of an answer that the client does not take.
        ///
        /// Past it the connection is closed.
        public var idle: Duration = .seconds(60)
        /// For a responder, from the head to its response, a response in pieces not included; nil for none.
        ///
        /// Past it the client gets 503, the responder's task is cancelled, and what it still returns is dropped. It can
        /// be changed for each request with `HTTPRequest.setTimeout(_:)`.
        public var responder: Duration? = .seconds(60)

        /// The defaults.
        public init() {}
    }

    /// The defaults, at an address.
    public init(address: SocketAddress) {
        self.address = address
    }
}
