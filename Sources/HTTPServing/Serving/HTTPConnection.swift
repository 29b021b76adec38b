import EventLoops

/// A connection: its task, and the callbacks from its loop.
///
/// The task reads a request, calls the responder, writes the response, and repeats. When it needs something from the
/// client, it first looks at the held bytes. If they are not enough, the task suspends. The callback that receives
/// more bytes parses them in place, and resumes the task with the event. While a responder works, the callback only
/// holds the arriving bytes, up to a limit. That way it notices the client's end.
///
/// `ConnectionState` decides the next action, and this class performs the action.
///
/// `@unchecked Sendable`: confined to its loop. Callbacks and the timer run there, the task has the loop as its
/// executor, and calls from other threads first go there.
final class HTTPConnection: ConnectionHandler, @unchecked Sendable {
    let connection: Connection
    let share: ServingLoop
    let server: ServerContext
    /// The connection's name, which begins the ids of its requests.
    let id: String

    var intake: RequestIntake
    /// The number of the current exchange, counted from 1.
    ///
    /// Calls for an earlier exchange have no effect.
    var exchange: UInt64 = 0
    /// The head of the request that is being answered.
    var head: HTTPRequestHead?
    /// The object that goes with the request that is being answered.
    var attachment: (any AnyObject & Sendable)?
    /// The task, while it waits for the client.
    var waiter = Waiter<RequestIntake.Arrival>()
    var waits: UInt64 = 0
    /// The task, while it waits for the client to take more.
    var drainWaiter = Waiter<Void>()
    var bodyFailure: HTTPBodyError?
    var outgoing: OutgoingContent?
    /// The answer that was queued instead of the responder's; nil if there is none.
    ///
    /// It is the last answer of the connection.
    var sentInstead: Sent?
    var deadlines = Deadlines()
    var timer: LoopTimer?

    private(set) var phase = Phase.serving
    private(set) var serving = Serving.wanted
    /// The number of dropped bytes that came after the last request.
    var droppedBytes = 0

    private var task: Task<Void, Never>?

    /// The stages of a connection.
    enum Phase {
        case serving
        /// The last answer is queued, or there is none. Bytes that the client still sends are received until
        /// `lingersUntil`.
        case closing(lingersUntil: UInt64)
        /// The connection is closed.
        case gone
    }

    /// The state of the task's work.
    enum Serving {
        case wanted
        /// The task is cancelled, so it must not begin another exchange.
        case cancelled
        /// The task is cancelled, and an answer has been given instead of the responder's.
        case abandoned
    }

    init(_ connection: Connection, on share: ServingLoop, id: String) {
        self.connection = connection
        self.share = share
        self.id = id
        server = share.server
        intake = RequestIntake(limits: share.limits)
    }

    var loop: EventLoop { connection.loop }
    var remoteAddress: SocketAddress { connection.remoteAddress }

    /// Begins to serve.
    func start(isStopping: Bool) {
        connection.handler = self
        timer = LoopTimer(on: loop) { [unowned self] in timerFired() }
        if isStopping { intake.state.stop() }
        // Cancelled in `closed`, awaited by the server's stop through `connectionEnded`.
        task = Task(executorPreference: loop) { [self] in
            await run()
            taskEnded()
        }
        connection.startReading()
    }

    /// The number of requests that are answered before other connections have their turn, if a client sends ahead:
    /// 16.
    private static let requestsPerTurn: UInt64 = 16

    /// Serves one request after another until the connection has to close.
    private func run() async {
        while true {
            switch await nextArrival() {
            case .head(let head):
                guard await serve(head) else { return beginClosing() }
                if intake.holdsMore, exchange.isMultiple(of: Self.requestsPerTurn) { await Task.yield() }
            case .refused(let failure):
                refuse(failure)
                return beginClosing()
            case .body, .end, .broken, .closing, .gone, .cancelled:
                return beginClosing()
            }
        }
    }

    /// Answers a request and settles the exchange.
    ///
    /// - Returns: true if another request may follow.
    private func serve(_ head: HTTPRequestHead) async -> Bool {
        await answer(head)
        guard serving != .abandoned, !isGone else { return false }
        switch intake.state.finishAnswer() {
        case .next: break
        case .close: return false
        case .drain:
            guard case .end(isSettled: true) = await nextArrival() else { return false }
        }
        // A client that sends requests and reads no answers waits here.
        if connection.unwrittenBytes > Connection.waterMark { await drain() }
        return !isGone && serving == .wanted
    }

    private func taskEnded() {
        task = nil
        if isGone { server.connectionEnded() }
    }

    func cancelTask() {
        if serving == .wanted { serving = .cancelled }
        task?.cancel()
    }

    /// Cancels the task.
    ///
    /// The client has its answer, so a later response is dropped.
    func abandonTask() {
        serving = .abandoned
        task?.cancel()
    }

    /// True if the connection is closed.
    var isGone: Bool { if case .gone = phase { true } else { false } }

    /// True if the last answer is queued, or the connection is closed.
    private var isClosing: Bool { if case .serving = phase { false } else { true } }
}

/// The callbacks from the loop.
extension HTTPConnection {
    func received(_ bytes: Span<UInt8>) {
        switch intake.receive(bytes, isAwaited: waiter.isWaiting) {
        case .arrived(let arrival): resume(arrival)
        case .needsMore: return armTimer()
        case .held: break
        case .unwanted: return drop(bytes.count)
        }
        guard intake.isFull else { return }
        connection.stopReading()
        watchPeer()
    }

    func receivedEnd() {
        let isAnswering = intake.state.noticePeerEnd()
        if waiter.isWaiting {
            resume(arrivalAtPeerEnd())
        } else if isAnswering {
            clientMayBeGone()
            armTimer()
        }
    }

    func drained() {
        unsafe drainWaiter.take()?.resume()
    }

    func closed(_ error: SocketError?) {
        phase = .gone
        timer?.close()
        timer = nil
        intake.dropHeld()
        share.remove(self)
        resume(.gone)
        drained()
        if task == nil {
            server.connectionEnded()
        } else {
            cancelTask()
        }
    }

    func resume(_ arrival: RequestIntake.Arrival) {
        unsafe waiter.take()?.resume(returning: arrival)
    }
}

/// The end of the connection.
extension HTTPConnection {
    /// Called when the server stops.
    func stop() {
        intake.state.stop()
        if waiter.isWaiting { armTimer() }
    }

    /// Called when the server's time for stopping is up.
    func abort() {
        // The client learns that no answer will come, if the system takes these bytes at once.
        abandonAnswer(.stopping)
        cancelTask()
        connection.close()
    }

    /// Ends the connection in order.
    ///
    /// Queued bytes are written, the sending direction is closed, and bytes that the client still sends are dropped
    /// for a moment.
    func beginClosing() {
        guard !isClosing else { return }
        phase = .closing(lingersUntil: deadline(after: share.timeouts.body))
        intake.dropHeld()
        connection.finishWriting()
        connection.startReading()
        armTimer()
    }

    /// The largest number of bytes that are received and dropped before the answer is out: 1 MiB.
    private static let maxDroppedBytes = 1 << 20

    private func drop(_ count: Int) {
        // The client has a limited time to end the connection. Its bytes must not reset the connection in this time.
        if case .closing(let end) = phase { return lingerOn(until: end) }
        droppedBytes += count
        if droppedBytes > Self.maxDroppedBytes { connection.stopReading() }
    }
}
