public import EventLoops

/// Where a server listens, and its limits for clients.
public struct HTTPServerSettings: Sendable, Equatable {
    /// The address.
    ///
    /// Port 0 means any free port.
    public var address: SocketAddress
    /// How long a client, or a responder, may take.
    public var timeouts = Timeouts()
    /// How much a client may send.
    public var limits = RequestLimits()
    /// How many connections may be open at once, at least 1.
    ///
    /// Past that, accepting pauses until one closes, and clients wait in the kernel's queue.
    public var connectionsMax = 10_000

    /// How long a client, or a responder, may take.
    ///
    /// Each must be positive. Otherwise it is over at the next turn of the loop.
    public struct Timeouts: Sendable, Equatable {
        /// For a whole head, from its first byte.
        ///
        /// After that the client gets 408.
        public var header: Duration = .seconds(10)
        /// For a whole body, from the moment when the responder begins to read it.
        ///
        /// After that, reading throws. If the responder does not answer otherwise, the client gets 408.
        public var body: Duration = .seconds(30)
        /// Between two requests, and while the client reads nothing of an answer.
        ///
        /// After that the connection closes.
        public var idle: Duration = .seconds(60)
        /// For a responder, from the head of the request to its response, without the time to write a response in
        /// pieces; nil means no limit.
        ///
        /// After that the client gets 503, the responder's task is cancelled, and its later response is dropped.
        /// `HTTPRequest.setTimeout(_:)` changes it for one request.
        public var responder: Duration? = .seconds(60)

        /// The defaults.
        public init() {}
    }

    /// Creates the default settings for an address.
    public init(address: SocketAddress) {
        self.address = address
    }
}
