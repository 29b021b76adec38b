import EventLoops

/// One connection: its task, and what its loop tells it.
///
/// The task runs straight down: the next request, the responder, the response, again. When it needs something of the
/// client it first looks at what has been received; if that is not enough it suspends, and the callback that receives
/// more parses it in place and resumes the task with what it says. While a responder works, the callback only holds
/// what arrives, up to a bound, so that the client's end is noticed.
///
/// What may be said and done next is decided by `ConnectionState`; here is what does it.
///
/// `@unchecked Sendable`: confined to its loop. Callbacks and timer come on it, the task has it as its executor, and
/// what responders call from elsewhere first goes there.
final class HTTPConnection: ConnectionHandler, @unchecked Sendable {
    let connection: Connection
    let share: ServingLoop
    let server: ServerContext
    /// The connection's name, which begins the ids of its requests.
    let id: String

    var intake: RequestIntake
    /// The request that is being answered, counted from 1; nothing of an earlier one has an effect.
    var exchange: UInt64 = 0
    /// What is being answered.
    var head: HTTPRequestHead?
    /// The task, while it waits for the client.
    var waiter = Waiter<RequestIntake.Arrival>()
    var waits: UInt64 = 0
    /// The task, while it waits until less is unwritten.
    var drainWaiter = Waiter<Void>()
    var bodyFailure: HTTPBodyError?
    var outgoing: OutgoingContent?
    var deadlines = Deadlines()
    var timer: LoopTimer?

    private(set) var phase = Phase.serving
    private(set) var serving = Serving.wanted
    /// How much has arrived of what is not read any more.
    var droppedBytes = 0

    private var task: Task<Void, Never>?

    /// How far the connection is.
    enum Phase {
        case serving
        /// The last answer is queued, or there is none; a client that goes on sending is heard until then.
        case closing(lingersUntil: UInt64)
        /// It is closed.
        case gone
    }

    /// Whether what the task does is wanted.
    enum Serving {
        case wanted
        /// The task is cancelled, so it must not begin another exchange.
        case cancelled
        /// The same, and an answer has been given in the responder's place.
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

    /// How many requests that a client has sent ahead are answered before other connections have their turn: 16.
    private static let requestsPerTurn: UInt64 = 16

    /// Serves one request after another until the connection is to be closed.
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
    /// - Returns: Whether another may follow.
    private func serve(_ head: HTTPRequestHead) async -> Bool {
        await answer(head)
        guard serving != .abandoned, !isGone else { return false }
        switch intake.state.finishAnswer() {
        case .next: break
        case .close: return false
        case .drain:
            guard case .end(isSettled: true) = await nextArrival() else { return false }
        }
        // A client that asks and asks and reads nothing waits here.
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

    /// Drops whatever the responder returns: it has been answered in its place.
    func abandonTask() {
        serving = .abandoned
        task?.cancel()
    }

    /// Whether the connection is closed.
    var isGone: Bool { if case .gone = phase { true } else { false } }

    /// Whether the last answer is queued, or the connection closed.
    private var isClosing: Bool { if case .serving = phase { false } else { true } }
}

/// What the loop tells.
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

/// How it ends.
extension HTTPConnection {
    /// The server is stopping.
    func stop() {
        intake.state.stop()
        if waiter.isWaiting { armTimer() }
    }

    /// The server has no more time.
    func abort() {
        // Who is owed an answer learns that there will be none, as far as the system takes it at once.
        abandonAnswer(.stopping)
        cancelTask()
        connection.close()
    }

    /// Has what is queued written, then tells the client that no more comes, and drops what it still sends for a
    /// moment.
    func beginClosing() {
        guard !isClosing else { return }
        phase = .closing(lingersUntil: deadline(after: share.timeouts.body))
        intake.dropHeld()
        connection.finishWriting()
        connection.startReading()
        armTimer()
    }

    /// How much of what is not read any more is taken before the answer is out: 1 MiB.
    private static let droppedBytesMax = 1 << 20

    private func drop(_ count: Int) {
        // A client that is told of the end has a limited time; what it sends until then must not reset the connection.
        if case .closing(let end) = phase { return lingerOn(until: end) }
        droppedBytes += count
        if droppedBytes > Self.droppedBytesMax { connection.stopReading() }
    }
}
