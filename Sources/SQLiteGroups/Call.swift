import Synchronization

/// A call that waits for, or runs on, a thread of the database.
///
/// `Sendable` because `phase` decides who may touch the rest: the submitting task before it is `queued`, one thread of
/// the database after it has made it `running`. `submitted` is written before it is queued and read after.
class Call: @unchecked Sendable {
    /// Does what is asked for, on the connection of the thread.
    typealias Body = @Sendable (SQLiteConnection, Call) throws -> Void

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

    /// What its statement has changed, for the body of a call that asks for it.
    var changes = SQLiteChanges(rowsAffected: 0, lastInsertRowID: 0)

    /// When it was submitted first, on the database's time source; 0 before.
    var submitted: UInt64 = 0

    /// The executor on which the caller resumes, if that is one that its task prefers.
    private(set) var executor: UnownedTaskExecutor?

    /// Whether its last run failed because the file, or its log, cannot be made longer.
    private(set) var hasRunOutOfRoom = false

    /// The call that the caller, once it has resumed, is to answer: one of the same executor, which so is woken once.
    var follower: Call?

    private let body: Body
    private var continuation: UnsafeContinuation<Void, any Error>?
    /// Why it failed; nil if it did not.
    private var failure: (any Error)?
    private let phase = Atomic(Phase.created)
    private let cancellation = Atomic(false)

    init(
        _ sql: String = "", _ arguments: [SQLiteValue] = [], manner: Manner,
        synchronous: SQLiteSettings.Synchronous? = nil, body: @escaping Body
    ) {
        self.sql = sql
        self.arguments = arguments
        self.manner = manner
        self.synchronous = synchronous
        self.body = body
    }

    /// Whether the caller was cancelled.
    final var isCancelled: Bool { cancellation.load(ordering: .relaxed) }

    /// Does what is asked for.
    fileprivate func perform(on connection: SQLiteConnection) throws { try body(connection, self) }

    private final func pass(from old: Phase, to new: Phase) -> Bool {
        phase.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
    }
}

// For the caller.
extension Call {
    /// Hands itself to `submit` and waits for the answer.
    ///
    /// If the task is cancelled before the call has begun, it is withdrawn and `CancellationError` thrown.
    ///
    /// - Parameter submit: Queues it, or throws why it cannot.
    func answer(submit: (Call) throws(SQLiteError) -> Void) async throws {
        try await withTaskCancellationHandler {
            try await answerUncancelled(submit: submit)
        } onCancel: {
            cancel()
        }
    }

    /// Hands itself to `submit` and waits for the answer, even if the task is cancelled.
    func answerUncancelled(submit: (Call) throws(SQLiteError) -> Void) async throws {
        defer { deliverFollowers() }
        // An actor may bring an executor of its own.
        let actor = #isolation
        executor = actor == nil ? withUnsafeCurrentTask { $0?.unownedTaskExecutor } : nil
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            self.continuation = continuation
            guard pass(from: .created, to: .queued) else { return continuation.resume(throwing: CancellationError()) }
            do {
                try submit(self)
            } catch {
                refuse(error)
            }
        }
    }

    /// Hands a call to `submit` and waits for what `body` returns.
    ///
    /// If the task is cancelled before the call has begun, it is withdrawn and `CancellationError` thrown.
    static func value<Value: Sendable>(
        _ sql: String, _ arguments: [SQLiteValue], manner: Manner,
        synchronous: SQLiteSettings.Synchronous? = nil, submit: (Call) throws(SQLiteError) -> Void,
        body: @escaping ValueCall<Value>.ValueBody
    ) async throws -> Value {
        let call = ValueCall(sql, arguments, manner: manner, synchronous: synchronous, body)
        try await call.answer(submit: submit)
        guard let value = call.value else { throw SQLiteError.closed }
        return value
    }

    /// The caller was cancelled: answers the call if it waits for its turn, and else leaves a note for who runs it.
    private func cancel() {
        cancellation.store(true, ordering: .relaxed)
        guard !pass(from: .created, to: .withdrawn), pass(from: .queued, to: .withdrawn) else { return }
        fail(CancellationError())
        deliver()
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
}

// For the threads of the database.
extension Call {
    /// Claims it for the thread that will run or answer it.
    ///
    /// - Returns: False if it was withdrawn, and so answered already.
    func begin() -> Bool { pass(from: .queued, to: .running) }

    /// Does what is asked for and keeps the outcome.
    ///
    /// - Returns: Whether it succeeded.
    func run(on connection: SQLiteConnection) -> Bool {
        hasRunOutOfRoom = false
        do {
            try perform(on: connection)
            failure = nil
        } catch let error as SQLiteError where isCancelled && error.code == .interrupt {
            failure = CancellationError()
        } catch {
            hasRunOutOfRoom = (error as? SQLiteError)?.isForWantOfRoom ?? false
            failure = error
        }
        return failure == nil
    }

    /// Sets a failure as the outcome.
    func fail(_ error: any Error) { failure = error }

    /// Answers the caller with the outcome; once only.
    func deliver() {
        guard let continuation else { return }
        if let failure { continuation.resume(throwing: failure) } else { continuation.resume() }
    }

    /// Answers it with an error unless it was withdrawn; for a call that has not begun.
    func refuse(_ error: any Error) {
        guard begin() else { return }
        fail(error)
        deliver()
    }
}

/// A call that returns a value.
///
/// `Sendable` as `Call` is.
final class ValueCall<Value: Sendable>: Call, @unchecked Sendable {
    typealias ValueBody = @Sendable (SQLiteConnection, Call) throws -> Value

    private(set) var value: Value?
    private let valueBody: ValueBody

    fileprivate init(
        _ sql: String, _ arguments: [SQLiteValue], manner: Manner, synchronous: SQLiteSettings.Synchronous?,
        _ body: @escaping ValueBody
    ) {
        valueBody = body
        super.init(sql, arguments, manner: manner, synchronous: synchronous) { _, _ in }
    }

    fileprivate override func perform(on connection: SQLiteConnection) throws {
        value = try valueBody(connection, self)
    }
}
