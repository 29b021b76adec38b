import WippyCollections

/// Connections that only read, each on a thread of its own, with one queue for all.
///
/// Each query sees everything that was committed before it was submitted, because its snapshot is taken when it runs.
final class ReaderPool: Sendable {
    fileprivate struct State: MailboxState {
        var mailbox = Mailbox()
        var threads = 0
        var asleep = 0
        /// True if a thread was woken and has not taken a call yet.
        ///
        /// If necessary, that thread wakes the next one.
        var isWaking = false
    }

    private let settings: SQLiteSettings
    private let time: TimeSource
    private let writer: Writer
    private let monitor: Monitor<State>

    /// Creates a pool without threads.
    init(_ settings: SQLiteSettings, time: TimeSource, writer: Writer) {
        self.settings = settings
        self.time = time
        self.writer = writer
        monitor = Monitor(State(), time: time)
    }

    /// Opens one more connection, on a thread of its own.
    func addReader() async throws {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            do {
                try DatabaseThread.start { [self] in
                    do {
                        let interruption = Interruption(time: time, halt: writer.halt)
                        let connection = try SQLiteConnection.reading(settings, interruption: interruption)
                        monitor.withLock { $0.threads += 1 }
                        writer.countReaders(1)
                        continuation.resume()
                        run(connection)
                    } catch {
                        continuation.resume(throwing: error)
                        return
                    }
                    leave()
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Queues a query.
    func submit(_ call: Call) throws(SQLiteError) {
        let now = time.now()
        let wakes = try monitor.withLock { state throws(SQLiteError) in
            try state.mailbox.append(call, maxWaiting: settings.maxWaiting, at: now)
            return state.takeSleeper()
        }
        if wakes {
            monitor.wakeOne()
        }
    }

    /// Refuses all further queries.
    ///
    /// - Parameter refusingQueued: true to refuse queued queries, too.
    func stop(refusingQueued: Bool) {
        monitor.withLock { state in
            state.mailbox.stop(refusingQueued: refusingQueued)
            if state.threads == 0 {
                state.mailbox.phase = .ended
            }
        }
        monitor.wakeAll()
    }

    /// Waits until the connections are closed.
    func ended() async {
        await monitor.ended()
    }

    private func run(_ connection: SQLiteConnection) {
        let busyTimeout = settings.busyTimeout.nanoseconds
        while let call = next() {
            connection.interruption.busyDeadline = call.submitted + busyTimeout
            answer(call, connection)
        }
    }

    private func next() -> Call? {
        var wasAsleep = false
        let (call, wakes) = monitor.wait { state -> Monitor<State>.Finding<(Call?, Bool)> in
            if wasAsleep {
                wasAsleep = false
                state.asleep -= 1
                state.isWaking = false
            }
            if state.mailbox.phase == .halting { return .found((nil, false)) }
            if let call = state.mailbox.waiting.popFirst() {
                return .found((call, !state.mailbox.waiting.isEmpty && state.takeSleeper()))
            }
            if state.mailbox.phase != .open { return .found((nil, false)) }
            wasAsleep = true
            state.asleep += 1
            return .nothing(until: nil)
        }
        if wakes {
            monitor.wakeOne()
        }
        return call
    }

    private func answer(_ call: Call, _ connection: SQLiteConnection) {
        defer { connection.letGo() }
        do {
            guard try connection.statement(call.sql).effect == .reads else {
                return try writer.submit(call)
            }
        } catch {
            return call.refuse(error)
        }
        guard call.begin() else { return }
        connection.interruption.call = call
        _ = call.run(on: connection)
        connection.interruption.call = nil
        call.deliver()
    }

    /// Called when the thread has closed its connection.
    private func leave() {
        writer.countReaders(-1)
        let (refused, waiters) = monitor.withLock { state -> ([Call], [UnsafeContinuation<Void, Never>]) in
            state.threads -= 1
            return state.threads == 0 ? (state.mailbox.waiting.popAll(), state.mailbox.end()) : ([], [])
        }
        for call in refused {
            call.refuse(SQLiteError.closed)
        }
        for waiter in waiters {
            waiter.resume()
        }
    }
}

extension ReaderPool.State {
    /// Marks a sleeping thread as woken.
    ///
    /// - Returns: true if there is one. The caller must then wake it.
    fileprivate mutating func takeSleeper() -> Bool {
        guard asleep > 0, !isWaking else { return false }
        isWaking = true
        return true
    }
}
