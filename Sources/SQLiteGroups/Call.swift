import Synchronization

/// A call that waits for, or runs on, a thread of the database.
protocol Call: CallRecord {
    /// Does what is asked for and keeps the outcome.
    ///
    /// - Returns: Whether it succeeded.
    func run(on connection: SQLiteConnection) -> Bool

    /// Sets a failure as the outcome.
    func fail(_ error: any Error)

    /// Answers the caller with the outcome; once only.
    func deliver()
}

extension Call {
    /// The caller was cancelled: answers the call if it has not begun, and otherwise leaves a note for who runs it.
    func cancel() {
        guard withdraw() else { return }
        fail(CancellationError())
        deliver()
    }

    /// Answers it with an error unless it was withdrawn; for a call that has not begun.
    func refuse(_ error: any Error) {
        guard begin() else { return }
        fail(error)
        deliver()
    }
}

/// What is known of every call, whatever it returns.
///
/// `Sendable` because `phase` decides who may touch the rest: the submitting task before it is `queued`, one thread of
/// the database after it has made it `running`. `submitted` is written before it is queued and read after.
class CallRecord: @unchecked Sendable {
    private enum Phase: UInt8, AtomicRepresentable {
        case created
        case queued
        case running
        /// The caller was cancelled before it ran.
        case withdrawn
    }

    /// How it may be run.
    enum Manner {
        /// One statement, which may run again if its first run was rolled back with other callers' statements.
        case statement
        /// One statement whose rows go to the caller's code, so that it must not run twice.
        case reading
        /// Several statements, or a transaction's own call.
        case several
        /// Begins a transaction that the caller holds.
        case begin(HeldTransaction)
    }

    let sql: String
    let arguments: [SQLiteValue]
    let manner: Manner
    /// How far its commit is to wait for the disk at least; nil for as the database is set.
    let synchronous: SQLiteSettings.Synchronous?

    /// When it was submitted first, on the database's time source; 0 before.
    var submitted: UInt64 = 0

    /// The executor on which the caller resumes, if that is one that its task prefers.
    private(set) var executor: UnownedTaskExecutor?

    /// Whether its last run failed because the file, or its log, cannot be made longer.
    fileprivate(set) var hasRunOutOfRoom = false

    /// The call that the caller, once it has resumed, is to answer: one of the same executor, which so is woken once.
    var follower: (any Call)?

    private let phase = Atomic(Phase.created)
    private let cancellation = Atomic(false)

    init(
        sql: String, arguments: [SQLiteValue], manner: Manner, synchronous: SQLiteSettings.Synchronous?
    ) {
        self.sql = sql
        self.arguments = arguments
        self.manner = manner
        self.synchronous = synchronous
    }

    /// Whether the caller was cancelled.
    final var isCancelled: Bool { cancellation.load(ordering: .relaxed) }

    /// Makes it wait for its turn.
    ///
    /// - Parameter executor: Where the caller will resume, if it prefers an executor.
    /// - Returns: False if the caller was cancelled before.
    final func enqueue(from executor: UnownedTaskExecutor?) -> Bool {
        self.executor = executor
        return pass(from: .created, to: .queued)
    }

    /// Claims it for the thread that will run or answer it.
    ///
    /// - Returns: False if it was withdrawn, and so answered already.
    final func begin() -> Bool { pass(from: .queued, to: .running) }

    /// Notes that the caller was cancelled.
    ///
    /// - Returns: Whether the call waited for its turn, which it has no more: it is to be answered.
    fileprivate final func withdraw() -> Bool {
        cancellation.store(true, ordering: .relaxed)
        return !pass(from: .created, to: .withdrawn) && pass(from: .queued, to: .withdrawn)
    }

    private func pass(from old: Phase, to new: Phase) -> Bool {
        phase.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
    }
}

/// A call with the value that it is to return.
///
/// `Sendable` as `CallRecord` is.
final class ValueCall<Value: Sendable>: CallRecord, Call, @unchecked Sendable {
    typealias Body = @Sendable (SQLiteConnection, CallRecord) throws -> Value

    private let body: Body
    private var continuation: UnsafeContinuation<Value, any Error>?
    private var outcome: Result<Value, any Error>?

    init(
        _ sql: String = "", _ arguments: [SQLiteValue] = [], manner: Manner,
        synchronous: SQLiteSettings.Synchronous? = nil, body: @escaping Body
    ) {
        self.body = body
        super.init(sql: sql, arguments: arguments, manner: manner, synchronous: synchronous)
    }

    /// Hands itself to `submit` and waits for the answer.
    ///
    /// If the task is cancelled before the call has begun, it is withdrawn and `CancellationError` thrown.
    ///
    /// - Parameter submit: Queues it, or throws why it cannot.
    func value(submit: (any Call) throws(SQLiteError) -> Void) async throws -> Value {
        try await withTaskCancellationHandler {
            try await valueUncancelled(submit: submit)
        } onCancel: {
            cancel()
        }
    }

    /// Hands itself to `submit` and waits for the answer, even if the task is cancelled.
    func valueUncancelled(submit: (any Call) throws(SQLiteError) -> Void) async throws -> Value {
        defer { deliverFollowers() }
        // An actor may bring an executor of its own.
        let actor = #isolation
        let executor = actor == nil ? withUnsafeCurrentTask { $0?.unownedTaskExecutor } : nil
        return try await withUnsafeThrowingContinuation { continuation in
            self.continuation = continuation
            guard enqueue(from: executor) else { return continuation.resume(throwing: CancellationError()) }
            do {
                try submit(self)
            } catch {
                refuse(error)
            }
        }
    }

    private func deliverFollowers() {
        var next = follower
        follower = nil
        while let call = next {
            next = call.follower
            call.follower = nil
            call.deliver()
        }
    }

    func run(on connection: SQLiteConnection) -> Bool {
        hasRunOutOfRoom = false
        do {
            outcome = .success(try body(connection, self))
            return true
        } catch let error as SQLiteError where isCancelled && error.code == .interrupt {
            outcome = .failure(CancellationError())
        } catch {
            hasRunOutOfRoom = (error as? SQLiteError)?.isForWantOfRoom ?? false
            outcome = .failure(error)
        }
        return false
    }

    func fail(_ error: any Error) {
        outcome = .failure(error)
    }

    func deliver() {
        guard let outcome, let continuation else { return }
        continuation.resume(with: outcome)
    }
}
