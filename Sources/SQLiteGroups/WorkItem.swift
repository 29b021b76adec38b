import Synchronization

/// A call that waits for, or runs on, a thread of the database.
///
/// `Sendable` because `state` decides who may touch the rest: the submitting task before it is `queued`, one thread of
/// the database after it has made it `running`. `submitted` is written before it is queued and read after.
class WorkItem: @unchecked Sendable {
    /// Created, then queued, then running; or withdrawn from one of the first two.
    private enum State {
        static let created: UInt8 = 0
        static let queued: UInt8 = 1
        static let running: UInt8 = 2
        static let withdrawn: UInt8 = 3
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
        case begin(Hold)
    }

    let sql: String
    let arguments: [SQLiteValue]
    let manner: Manner

    /// When it was submitted first, on the database's time source; 0 before.
    var submitted: UInt64 = 0

    /// The executor on which the caller resumes, if that is one that its task prefers.
    private(set) var executor: UnownedTaskExecutor?

    /// Whether its last run failed because the file, or its log, cannot be made longer.
    fileprivate(set) var hasRunOutOfRoom = false

    /// The call that the caller, once it has resumed, is to answer: one of the same executor, which so is woken once.
    var follower: WorkItem?

    private let state = Atomic(State.created)
    private let cancellation = Atomic(false)

    init(sql: String, arguments: [SQLiteValue], manner: Manner) {
        self.sql = sql
        self.arguments = arguments
        self.manner = manner
    }

    /// Whether the caller was cancelled.
    final var isCancelled: Bool { cancellation.load(ordering: .relaxed) }

    /// Makes it wait for its turn.
    ///
    /// - Parameter executor: Where the caller will resume, if it prefers an executor.
    /// - Returns: False if the caller was cancelled before.
    final func enqueue(from executor: UnownedTaskExecutor?) -> Bool {
        self.executor = executor
        return state.compareExchange(expected: State.created, desired: State.queued, ordering: .acquiringAndReleasing)
            .exchanged
    }

    /// Claims it for the thread that will run or answer it.
    ///
    /// - Returns: False if it was withdrawn, and so answered already.
    final func begin() -> Bool {
        state.compareExchange(expected: State.queued, desired: State.running, ordering: .acquiringAndReleasing)
            .exchanged
    }

    /// The caller was cancelled: answers it if it has not begun, and otherwise leaves a note for who runs it.
    final func cancel() {
        cancellation.store(true, ordering: .relaxed)
        if state.compareExchange(expected: State.created, desired: State.withdrawn, ordering: .acquiringAndReleasing)
            .exchanged
        {
            return
        }
        if state.compareExchange(expected: State.queued, desired: State.withdrawn, ordering: .acquiringAndReleasing)
            .exchanged
        {
            fail(CancellationError())
            deliver()
        }
    }

    /// Answers it with an error unless it was withdrawn; for work that has not begun.
    final func refuse(_ error: any Error) {
        guard begin() else { return }
        fail(error)
        deliver()
    }

    /// Does the work and keeps its outcome.
    ///
    /// - Returns: Whether it succeeded.
    func run(on connection: SQLiteConnection) -> Bool {
        false
    }

    /// Sets a failure as the outcome.
    func fail(_ error: any Error) {
    }

    /// Answers the caller with the outcome; once only.
    func deliver() {
    }
}

/// A call with the value that it is to return.
///
/// `Sendable` as `WorkItem` is.
final class Work<Value: Sendable>: WorkItem, @unchecked Sendable {
    typealias Body = @Sendable (SQLiteConnection, WorkItem) throws -> Value

    private let body: Body
    private var continuation: UnsafeContinuation<Value, any Error>?
    private var outcome: Result<Value, any Error>?

    init(_ sql: String = "", _ arguments: [SQLiteValue] = [], manner: Manner, body: @escaping Body) {
        self.body = body
        super.init(sql: sql, arguments: arguments, manner: manner)
    }

    /// Hands itself to `submit` and waits for the answer.
    ///
    /// If the task is cancelled before the work has begun, it is withdrawn and `CancellationError` thrown.
    ///
    /// - Parameter submit: Queues it, or throws why it cannot.
    func value(submit: (WorkItem) throws(SQLiteError) -> Void) async throws -> Value {
        try await withTaskCancellationHandler {
            try await valueUncancelled(submit: submit)
        } onCancel: {
            cancel()
        }
    }

    /// Hands itself to `submit` and waits for the answer, even if the task is cancelled.
    func valueUncancelled(submit: (WorkItem) throws(SQLiteError) -> Void) async throws -> Value {
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
        while let item = next {
            next = item.follower
            item.follower = nil
            item.deliver()
        }
    }

    override func run(on connection: SQLiteConnection) -> Bool {
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

    override func fail(_ error: any Error) {
        outcome = .failure(error)
    }

    override func deliver() {
        guard let outcome, let continuation else { return }
        continuation.resume(with: outcome)
    }
}
