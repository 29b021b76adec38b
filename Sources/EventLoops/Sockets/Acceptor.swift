import Synchronization

/// The part of a listener on the loop that accepts connections.
///
/// `@unchecked Sendable`: confined to its loop. The methods that any thread may call touch only constants and atomics.
final class Acceptor: @unchecked Sendable {
    /// The pause after the system had no resources for another connection.
    private static let restAfterFailure: Duration = .milliseconds(100)
    /// The time that a stop gives to handshakes under way.
    private static let grace: Duration = .milliseconds(50)
    /// The number of connections that are accepted before the loop does other work.
    private static let acceptsPerTurn = 64

    let loop: EventLoop
    let openConnections = Atomic<Int>(0)
    let pauses = Atomic<Int>(0)

    private let socket: ListeningSocket
    private let group: EventLoopGroup
    private var maxConnections: Int
    private let onPause: (@Sendable (SocketError) -> Void)?
    private let isPaused = Atomic<Bool>(false)
    private let hasClosed = Mutex<(isClosed: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    private var state: State = .idle
    private var accept: (@Sendable (Connection) -> Void)?
    private var watch: DescriptorWatch?
    private var rest: LoopTimer?
    private var hadGrace = false

    private enum State {
        case idle
        case accepting
        /// The acceptor takes the connections that the kernel still has, and then closes.
        case stopping
        case closed
    }

    init(
        _ socket: ListeningSocket, group: EventLoopGroup, maxConnections: Int,
        onPause: (@Sendable (SocketError) -> Void)?
    ) {
        self.socket = socket
        self.group = group
        self.maxConnections = maxConnections
        self.onPause = onPause
        loop = group.next()
    }

    deinit {
        // The loop has never watched the socket, so its shutdown did not close it.
        if state != .closed { socket.close() }
    }

    /// Makes the acceptor known to its loop, so that the loop's shutdown closes it.
    ///
    /// Call this method before the others.
    func open() {
        openWatch()
    }

    func start(_ accept: @escaping @Sendable (Connection) -> Void) {
        guard state == .idle else { return }
        self.accept = accept
        state = .accepting
        resume()
    }

    func setMaxConnections(_ maximum: Int) {
        maxConnections = maximum
        if state == .accepting, isPaused.load(ordering: .sequentiallyConsistent) { resume() }
    }

    /// Called when one of this listener's connections has closed, from any thread.
    func connectionClosed() {
        openConnections.subtract(1, ordering: .sequentiallyConsistent)
        guard isPaused.load(ordering: .sequentiallyConsistent) else { return }
        loop.execute { self.resume() }
    }

    /// Accepts the clients that wait in the kernel's queue, and closes.
    ///
    /// `continuation` resumes when the acceptor is closed.
    func stop(_ continuation: CheckedContinuation<Void, Never>) {
        let isClosed = hasClosed.withLock { closed in
            if !closed.isClosed { closed.waiting.append(continuation) }
            return closed.isClosed
        }
        guard !isClosed else { return continuation.resume() }
        switch state {
        case .idle:
            close()
        case .accepting:
            state = .stopping
            rest?.cancel()
            socket.ignoreNewcomers()
            resume()
        case .stopping, .closed:
            break
        }
    }

    /// Closes at once.
    ///
    /// Clients that wait in the kernel's queue are refused.
    ///
    /// You can call it twice.
    func close() {
        guard state != .closed else { return }
        endAccepting()
        if let watch { watch.close() } else { handleClosed() }
    }

    private func endAccepting() {
        state = .closed
        accept = nil
        rest?.close()
        rest = nil
    }

    /// Called when the watch is closed, also by the loop's shutdown.
    private func handleClosed() {
        endAccepting()
        watch = nil
        socket.close()
        let waiting = hasClosed.withLock { closed in
            defer { closed = (true, []) }
            return closed.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension Acceptor {
    /// Begins to accept, or goes on after a pause.
    private func resume() {
        switch state {
        case .idle, .closed:
            break
        case .accepting:
            guard hasRoom() else { return }
            isPaused.store(false, ordering: .sequentiallyConsistent)
            guard let watch = openWatch() else { return }
            do {
                try watch.wait(for: .readable)
            } catch {
                pause(failure(error))
            }
        case .stopping:
            watch?.stop()
            acceptRest()
        }
    }

    /// - Returns: nil if the loop ends, or if the system has no resources to watch the socket. In that case, the
    ///   acceptor tries again after a pause.
    @discardableResult
    private func openWatch() -> DescriptorWatch? {
        if let watch { return watch }
        guard !loop.isEnding else {
            close()
            return nil
        }
        do {
            let watch = try DescriptorWatch(socket.descriptor, on: loop) { _ in
                self.acceptSome()
            } closed: {
                self.handleClosed()
            }
            self.watch = watch
            return watch
        } catch {
            pause(failure(error))
            return nil
        }
    }

    private func failure(_ error: SocketError) -> SocketError {
        SocketError(status: error.errno, "cannot accept connections on \(socket.address) at the moment")
    }

    private func acceptSome() {
        for _ in 0..<Self.acceptsPerTurn {
            guard state == .accepting else { return }
            guard hasRoom() else { return pause() }
            switch socket.acceptUnlessShort() {
            case .connection(let descriptor, let address): deal(descriptor, from: address)
            case .gone: break
            case .nothing: return
            case .failed(let error): return pause(error)
            }
        }
    }

    /// Accepts the waiting clients at the stop.
    ///
    /// The maximum does not count here, because the kernel has promised these clients a connection.
    private func acceptRest() {
        while true {
            switch socket.acceptUnlessShort() {
            case .connection(let descriptor, let address): deal(descriptor, from: address)
            case .gone: break
            case .nothing: return closeAfterGrace()
            case .failed(let error): return pause(error)
            }
        }
    }

    /// Closes after a moment, when it has looked for waiting clients once more.
    ///
    /// Handshakes that had begun before the stop can finish.
    private func closeAfterGrace() {
        if rest?.isScheduled == true { return }
        guard !hadGrace else { return close() }
        hadGrace = true
        wait(Self.grace)
    }

    private func hasRoom() -> Bool {
        openConnections.load(ordering: .sequentiallyConsistent) < maxConnections
    }

    /// Stops accepting until a connection closes.
    ///
    /// If the system refused a connection, accepting also resumes after a while.
    private func pause(_ error: SocketError? = nil) {
        isPaused.store(true, ordering: .sequentiallyConsistent)
        watch?.stop()
        pauses.add(1, ordering: .relaxed)
        if let error {
            wait(Self.restAfterFailure)
            onPause?(error)
        } else if hasRoom() {
            // A connection closed before it could see the pause, so nothing else would resume.
            resume()
        }
    }

    private func wait(_ duration: Duration) {
        let rest = rest ?? LoopTimer(on: loop) { [weak self] in self?.resume() }
        self.rest = rest
        rest.schedule(after: duration)
    }

    private func deal(_ descriptor: Int32, from address: SocketAddress) {
        guard let accept else { return socket.discard(descriptor) }
        openConnections.add(1, ordering: .sequentiallyConsistent)
        let target = group.next()
        if target === loop {
            adopt(descriptor, from: address, on: target, accept)
        } else if !target.execute({ self.adopt(descriptor, from: address, on: target, accept) }) {
            socket.discard(descriptor)
            connectionClosed()
        }
    }

    /// Runs on the connection's own loop, which may differ from the acceptor's.
    private func adopt(
        _ descriptor: Int32, from address: SocketAddress, on loop: EventLoop, _ accept: @Sendable (Connection) -> Void
    ) {
        guard !loop.isEnding else {
            socket.discard(descriptor)
            return connectionClosed()
        }
        accept(Connection(socket: descriptor, remoteAddress: address, loop: loop, acceptor: self))
    }
}
