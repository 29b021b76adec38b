import Synchronization

/// A call that waits for a thread of the database, or runs on it.
///
/// `ValueCall` is its only subclass: no other file can override a method.
///
/// `Sendable` because `phase` decides who may use the rest: the submitting task before the call is `queued`, one
/// thread of the database after it has made the call `running`, and the submitting task again when the call is
/// `answered`. `submitted` is written before the call is queued, and read after that.
class Call: @unchecked Sendable {
    /// Does the work of the call on the thread's connection.
    typealias Body = @Sendable (SQLiteConnection, Call) throws -> Void

    private enum Phase: UInt8, AtomicRepresentable {
        case created
        case queued
        case running
        /// The caller was cancelled before the call ran.
        case withdrawn
        /// The call belongs to the caller again.
        case answered
    }

    /// The ways in which a call may run.
    enum Mode {
        /// One statement. It may run again if its first run was rolled back with other callers' statements.
        case statement
        /// One statement whose rows go to the caller's code, so it must not run twice.
        case reading
        /// Several statements, or a call of a transaction.
        case several
        /// The beginning of a transaction that the caller holds.
        case begin(HeldTransaction)
    }

    final let sql: String
    final let arguments: [SQLiteValue]
    final let mode: Mode
    /// The lowest level at which the call's commit waits for the disk; nil for the level of the settings.
    final let synchronous: SQLiteSettings.Synchronous?

    /// The changes of the call's statement.
    ///
    /// The body sets them if the caller asks for them.
    final var changes = SQLiteChanges(rowsAffected: 0, lastInsertRowID: 0)

    /// The time of the first submission, by the database's time source; 0 before.
    final var submitted: UInt64 = 0

    /// The executor on which the caller resumes, if its task prefers one.
    final private(set) var executor: UnownedTaskExecutor?

    /// True if the last run failed because the file or its log cannot grow.
    final private(set) var hasRunOutOfRoom = false

    /// The call that the caller answers when it has resumed.
    ///
    /// Both callers have the same executor, so it is woken once for both.
    final var follower: Call?

    private let body: Body
    private var continuation: UnsafeContinuation<Void, any Error>?
    /// The error of the call; nil if it has succeeded.
    private var failure: (any Error)?
    private let phase = Atomic(Phase.created)
    private let cancellation = Atomic(false)

    init(
        _ sql: String = "", _ arguments: [SQLiteValue] = [], mode: Mode,
        synchronous: SQLiteSettings.Synchronous? = nil, body: @escaping Body
    ) {
        self.sql = sql
        self.arguments = arguments
        self.mode = mode
        self.synchronous = synchronous
        self.body = body
    }

    /// True if the caller was cancelled.
    final var isCancelled: Bool { cancellation.load(ordering: .relaxed) }

    /// Does the work of the call.
    fileprivate func perform(on connection: SQLiteConnection) throws { try body(connection, self) }

    private final func pass(from old: Phase, to new: Phase) -> Bool {
        phase.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
    }
}

// The caller's side.
extension Call {
    /// Passes the call to `submit` and waits for the answer.
    ///
    /// If the task is cancelled before the call has begun, the call is withdrawn, and the method throws
    /// `CancellationError`.
    ///
    /// - Parameter submit: queues the call, or throws an error.
    func answer(submit: (Call) throws(SQLiteError) -> Void) async throws {
        try await withTaskCancellationHandler {
            try await answerUncancelled(submit: submit)
        } onCancel: {
            cancel()
        }
    }

    /// Passes the call to `submit` and waits for the answer, even if the task is cancelled.
    func answerUncancelled(submit: (Call) throws(SQLiteError) -> Void) async throws {
        defer {
            takeBack()
            deliverFollowers()
        }
        // An actor may have an executor of its own.
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

    /// Passes a call to `submit`, and returns the value that `body` returns.
    ///
    /// If the task is cancelled before the call has begun, the call is withdrawn, and the method throws
    /// `CancellationError`.
    static func value<Value: Sendable>(
        _ sql: String, _ arguments: [SQLiteValue], mode: Mode,
        synchronous: SQLiteSettings.Synchronous? = nil, submit: (Call) throws(SQLiteError) -> Void,
        body: @escaping ValueCall<Value>.ValueBody
    ) async throws -> Value {
        let call = ValueCall(sql, arguments, mode: mode, synchronous: synchronous, body)
        try await call.answer(submit: submit)
        guard let value = call.value else { throw SQLiteError.closed }
        return value
    }

    /// Called when the caller was cancelled.
    ///
    /// A call that still waits for its turn is answered. For a call that runs, this sets a flag that its thread
    /// reads.
    private func cancel() {
        cancellation.store(true, ordering: .relaxed)
        guard !pass(from: .created, to: .withdrawn), pass(from: .queued, to: .withdrawn) else { return }
        fail(CancellationError())
        deliver()
    }

    /// Makes the results of the database's thread visible to the thread on which the caller resumes.
    ///
    /// The continuation does this, too, but inside the runtime, where the thread sanitizer does not see it.
    private func takeBack() {
        let phase = phase.load(ordering: .acquiring)
        assert(phase == .answered || phase == .withdrawn)
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

// The side of the database's threads.
extension Call {
    /// Takes the call for the thread that will run or answer it.
    ///
    /// - Returns: false if the call was withdrawn, and so is answered already.
    func begin() -> Bool { pass(from: .queued, to: .running) }

    /// Does the work of the call and keeps the outcome.
    ///
    /// - Returns: true if the call succeeded.
    func run(on connection: SQLiteConnection) -> Bool {
        hasRunOutOfRoom = false
        failure = nil
        do {
            try onConnection(connection) { try perform(on: connection) }
        } catch {
            hasRunOutOfRoom = (error as? SQLiteError)?.isForWantOfRoom ?? false
            fail(error)
        }
        return failure == nil
    }

    /// Begins a transaction that the call shares with others, as the first one.
    func beginGroup(on connection: SQLiteConnection) throws {
        try onConnection(connection) { try connection.begin() }
    }

    /// Runs `body`, in which the caller's cancellation ends a wait for the lock of another connection.
    private func onConnection(_ connection: SQLiteConnection, _ body: () throws -> Void) throws {
        connection.interruption.waitingCall = changesNothingWhileWaiting ? self : nil
        defer { connection.interruption.waitingCall = nil }
        try body()
    }

    /// True if the call has changed nothing when it waits for a lock.
    ///
    /// The statements of a script can have changed something before.
    private var changesNothingWhileWaiting: Bool {
        if case .several = mode { return false }
        return true
    }

    /// Sets an error as the outcome, or the cancellation that has caused the error.
    func fail(_ error: any Error) {
        let code = (error as? SQLiteError)?.code
        let isEnded = code == .interrupt || code?.primary == .busy && changesNothingWhileWaiting
        failure = isCancelled && isEnded ? CancellationError() : error
    }

    /// Answers the caller with the outcome.
    ///
    /// Call it once.
    func deliver() {
        guard let continuation else { return }
        phase.store(.answered, ordering: .releasing)
        if let failure { continuation.resume(throwing: failure) } else { continuation.resume() }
    }

    /// Answers a call that has not begun, with an error.
    ///
    /// A withdrawn call is answered already.
    func refuse(_ error: any Error) {
        guard begin() else { return }
        fail(error)
        deliver()
    }
}

/// A call that returns a value.
///
/// It is `Sendable` for the same reason as `Call`.
final class ValueCall<Value: Sendable>: Call, @unchecked Sendable {
    typealias ValueBody = @Sendable (SQLiteConnection, Call) throws -> Value

    private(set) var value: Value?
    private let valueBody: ValueBody

    fileprivate init(
        _ sql: String, _ arguments: [SQLiteValue], mode: Mode, synchronous: SQLiteSettings.Synchronous?,
        _ body: @escaping ValueBody
    ) {
        valueBody = body
        super.init(sql, arguments, mode: mode, synchronous: synchronous) { _, _ in }
    }

    fileprivate override func perform(on connection: SQLiteConnection) throws {
        value = try valueBody(connection, self)
    }
}
