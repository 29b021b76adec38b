import Synchronization
import WippyCollections

/// The entrance to the connection that writes: a mailbox with a limit, and a thread that empties it.
final class Writer: Sendable {
    struct State: MailboxState {
        var mailbox = Mailbox()
        /// True if the thread sleeps and has not been woken yet.
        var isAsleep = false
        /// The executor that will wake the thread soon.
        ///
        /// Callers on other executors do not wait for it.
        var wakingExecutor: UnownedTaskExecutor?
        /// The transaction that holds the connection.
        var holder: Holder?
        /// The number of connections that only read.
        var readers = 0
    }

    /// A transaction that holds the connection, with its calls.
    struct Holder {
        let transaction: HeldTransaction
        /// The transaction's calls that wait for their turn.
        var waiting = Deque<Call>()
        /// True if the last reference to the transaction is gone.
        var isAbandoned = false
    }

    let settings: SQLiteSettings
    let time: TimeSource
    let halt: HaltFlag
    let monitor: Monitor<State>
    private let wakeUp: SQLiteDatabase.WakeUp

    /// The number of times that work was completed: once for a group, and once for each call that ran alone.
    let commits = Atomic(0)

    private init(
        settings: SQLiteSettings, wakingUp wakeUp: @escaping SQLiteDatabase.WakeUp, time: TimeSource,
        halt: HaltFlag
    ) {
        self.settings = settings
        self.wakeUp = wakeUp
        self.time = time
        self.halt = halt
        monitor = Monitor(State(), time: time)
    }

    /// Opens the writing connection on a new thread.
    static func open(
        _ settings: SQLiteSettings, wakingUp wakeUp: @escaping SQLiteDatabase.WakeUp, time: TimeSource,
        halt: HaltFlag
    ) async throws -> Writer {
        let writer = Writer(settings: settings, wakingUp: wakeUp, time: time, halt: halt)
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            do {
                try DatabaseThread.start {
                    do {
                        try writer.run { continuation.resume() }
                    } catch {
                        return continuation.resume(throwing: error)
                    }
                    writer.end()
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        return writer
    }

    /// Opens the connection, calls `opened`, works until the mailbox is closed, and closes the connection.
    private func run(opened: () -> Void) throws(SQLiteError) {
        let interruption = Interruption(time: time, halt: halt)
        let connection = try SQLiteConnection.writing(settings, interruption: interruption)
        opened()
        WriterThread(self, connection).run()
        for call in monitor.withLock({ $0.mailbox.waiting.popAll() }) {
            call.refuse(SQLiteError.closed)
        }
        // Only the last connection that closes removes the log, and readers may not remove it.
        monitor.wait { $0.readers == 0 ? .found(()) : .nothing(until: nil) }
    }

    /// Tells the waiting tasks that the connection is closed.
    private func end() {
        for waiter in monitor.withLock({ $0.mailbox.end() }) {
            waiter.resume()
        }
    }

    /// Queues a call that belongs to no transaction, or that begins one.
    func submit(_ call: Call) throws(SQLiteError) {
        let now = time.now()
        let mustWake = try monitor.withLock { state throws(SQLiteError) in
            try state.mailbox.append(call, maxWaiting: settings.maxWaiting, at: now)
            guard state.isAsleep, state.wakingExecutor == nil || state.wakingExecutor != call.executor else {
                return false
            }
            state.wakingExecutor = call.executor
            return true
        }
        if mustWake {
            wakeUp(wake)
        }
    }

    private func wake() {
        if monitor.withLock({ $0.takeSleep() }) {
            monitor.wakeOne()
        }
    }

    /// Queues a call of a transaction that has begun.
    ///
    /// - Parameter isEnding: true for a call that ends the transaction or a part of it. It is queued, however many
    ///   calls wait.
    func submit(_ call: Call, in transaction: HeldTransaction, isEnding: Bool) throws(SQLiteError) {
        call.submitted = time.now()
        let isAsleep = try monitor.withLock { state throws(SQLiteError) in
            guard let holder = state.holder, holder.transaction === transaction else {
                throw transaction.ending ?? .closed
            }
            guard isEnding || holder.waiting.count < settings.maxWaiting else {
                throw SQLiteError(
                    .busy,
                    "the transaction is overloaded: too many of its calls wait for their turn; try again later")
            }
            state.holder?.waiting.append(call)
            return state.takeSleep()
        }
        if isAsleep {
            monitor.wakeOne()
        }
    }

    /// Counts a reading connection that was opened (1) or closed (-1).
    func countReaders(_ change: Int) {
        monitor.withLock { $0.readers += change }
        monitor.wakeAll()
    }

    /// Marks the transaction as abandoned, because its last reference is gone.
    ///
    /// If the transaction has not ended, it is rolled back.
    func abandon(_ transaction: HeldTransaction) {
        monitor.withLock { state in
            if state.holder?.transaction === transaction { state.holder?.isAbandoned = true }
        }
        monitor.wakeAll()
    }

    /// Refuses all further calls.
    ///
    /// - Parameter refusingQueued: true to refuse queued calls, too, and to interrupt the running call.
    func stop(refusingQueued: Bool) {
        if refusingQueued {
            halt.set()
        }
        monitor.withLock { $0.mailbox.stop(refusingQueued: refusingQueued) }
        monitor.wakeAll()
    }

    /// Waits until the connection is closed.
    func ended() async {
        await monitor.ended()
    }
}

extension Writer.State {
    /// Marks the thread as awake.
    ///
    /// - Returns: true if the thread waited. Then the caller must wake it.
    mutating func takeSleep() -> Bool {
        defer {
            isAsleep = false
            wakingExecutor = nil
        }
        return isAsleep
    }
}
