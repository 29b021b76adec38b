public import EventLoops

/// Where a server listens, and how much of everything a client may take.
public struct HTTPServerConfiguration: Sendable {
    /// Where to listen; port 0 means any that is free.
    public var address: SocketAddress
    /// How long a client, or a responder, may take.
    public var timeouts = Timeouts()
    /// How much a client may send.
    public var limits = Limits()
    /// Answers a request whose head has been read and that its responder does not answer: an error that it threw, a
    /// body that cannot be read (`HTTPBodyError`), or what the server itself decides (`HTTPServingError`).
    ///
    /// Not called when an answer has begun. Must not block.
    public var answerError: @Sendable (any Error, HTTPRequest) -> HTTPResponse = { error, request in
        answer(to: error) ?? internalError(request)
    }
    /// Who hears of connections and requests; nobody, and at no cost, unless set.
    public var observer: (any HTTPServerObserver)?
    /// Called on a loop when the system refuses another connection, for lack of descriptors in the main; accepting goes
    /// on by itself.
    ///
    /// Must not block.
    public var onAcceptFailure: (@Sendable (SocketError) -> Void)?

    /// How long a client, or a responder, may take.
    ///
    /// Each is above zero; one that is not ends at the next turn of the loop.
    public struct Timeouts: Sendable, Hashable {
        /// For a whole head, from its first byte: 10 seconds.
        ///
        /// Past it the client gets 408.
        public var header: Duration = .seconds(10)
        /// For a whole body, from the moment that the responder asks for it: 30 seconds.
        ///
        /// Past it the responder's reading throws, and unless it answers otherwise the client gets 408.
        public var body: Duration = .seconds(30)
        /// Between two requests, and without progress of an answer that the client does not take: 60 seconds.
        ///
        /// Past it the connection is closed.
        public var idle: Duration = .seconds(60)
        /// For a responder, from the head to its response, a response in pieces not included: 60 seconds; nil for none.
        ///
        /// Past it the client gets 503, the responder's task is cancelled, and what it still returns is dropped. It can
        /// be changed for each request with `HTTPRequest.setTimeout(_:)`.
        public var handler: Duration? = .seconds(60)

        /// The defaults.
        public init() {}
    }

    /// How much a client may send.
    public struct Limits: Sendable, Hashable {
        /// The request line and all fields, in bytes: 32 KiB; from 256 bytes to 16 MiB, what is outside is taken as the
        /// nearest.
        ///
        /// Past it the client gets 414 or 431.
        public var headerBytes = 32 << 10
        /// How many field lines a head may have: 100.
        ///
        /// Past it the client gets 431.
        public var headerFields = 100
        /// A body, in bytes: 10 MiB; changed for a request by `HTTPBody.limit`.
        ///
        /// Past it the responder's reading throws, and unless it answers otherwise the client gets 413.
        public var body = 10 << 20
        /// How many connections may be open at once: 10,000.
        ///
        /// Past it accepting pauses until one closes, and clients wait in the kernel's queue.
        public var connections = 10_000

        /// The defaults.
        public init() {}
    }

    /// The defaults, at an address.
    public init(address: SocketAddress) {
        self.address = address
    }

    /// The answer to an error that says by itself what the client is told: an `HTTPBodyError` or `HTTPServingError`.
    ///
    /// - Returns: Nil for every other error, and for one that is a mistake of the responder.
    public static func answer(to error: any Error) -> HTTPResponse? {
        switch error {
        case let error as HTTPBodyError where error.code != .unavailable:
            HTTPResponse(status: error.status, error: error.description)
        case HTTPServingError.tooSlow, HTTPServingError.stopping:
            HTTPResponse(status: .serviceUnavailable, error: "\(error)")
        default: nil
        }
    }

    /// 500 with a JSON object that says "internal error" and the request's id, and nothing of the error.
    public static func internalError(_ request: HTTPRequest) -> HTTPResponse {
        let body = Array(#"{"error":"internal error","request_id":"\#(request.id)"}"#.utf8)
        return HTTPResponse(json: body, status: .internalServerError)
    }
}
