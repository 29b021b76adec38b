import Synchronization
import WippyDefinition
import WippyRuntime
import WippySQL

/// A database that writes the places of arguments as PostgreSQL does, and has nothing but what a database of queues
/// must have.
final class DollarDatabase: QueueDatabase {
    private let inner: any QueueDatabase
    let numberedKey: SQL
    let rowLock: SQL
    let ownerLocks: any OwnerLocks
    private let takenLocks = TakenLocks()

    private let raised = Atomic(0)
    private let flaw: Flaw?
    private let hasFailed = Atomic(false)

    /// A statement with rows fails if its text contains this text.
    let refusedText = Mutex<String?>(nil)

    /// What becomes of a transaction whose commit gets no answer; nil if each commit gets one.
    let lostCommit = Mutex<TransactionOutcome?>(nil)

    /// True while each call fails.
    let isFailing = Atomic(false)

    /// Runs a statement, or what a test has happen in its place.
    typealias Interception =
        @Sendable (SQLStatement, _ run: @Sendable () async throws -> SQLChanges) async throws -> SQLChanges

    /// What happens at each statement that returns no rows.
    let interception = Mutex<Interception?>(nil)

    enum Flaw {
        case locksNothing, givesNumbersTwice, returnsNoRows, failsAfterAClaim
        case tellsRefusedAsKept, tellsLostAsUndone, tellsLostAsKept, holdsLostLocks
    }

    init(over inner: any QueueDatabase, rowLock: SQL = "", flaw: Flaw? = nil) {
        self.inner = inner
        self.flaw = flaw
        numberedKey = flaw == .givesNumbersTwice ? inner.numberedKey : inner.lastingKey
        self.rowLock = rowLock
        ownerLocks =
            flaw == .locksNothing
            ? NoLocks()
            : NotedLocks(inner: inner.ownerLocks, taken: takenLocks, areNeverLost: flaw == .holdsLostLocks)
    }

    /// Loses the locks that were taken, as a database does whose connection ends.
    func loseLocks() async {
        for lock in takenLocks.all.withLock({ $0 }) { await lock.release() }
    }

    let parameterStyle = SQLParameterStyle.dollar

    /// How much more often the durability was raised than lowered.
    var raises: Int { raised.load(ordering: .sequentiallyConsistent) }

    func raiseDurability() { raised.add(1, ordering: .sequentiallyConsistent) }

    func lowerDurability() { raised.subtract(1, ordering: .sequentiallyConsistent) }

    private func mayFail() throws {
        guard isFailing.load(ordering: .sequentiallyConsistent) else { return }
        throw WippyError(.unavailable, "the database was told to fail", isRetryable: true)
    }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        try mayFail()
        let statement = try statement.inDollars()
        guard let intercept = interception.withLock({ $0 }) else { return try await inner.execute(statement) }
        return try await intercept(statement) { [inner] in try await inner.execute(statement) }
    }

    func execute(script: SQLStatement) async throws {
        try mayFail()
        try await inner.execute(script: script.inDollars())
    }

    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try mayFail()
        if let text = refusedText.withLock({ $0 }), statement.text.contains(text) {
            throw WippyError(.unavailable, "the database refuses this statement", isRetryable: true)
        }
        if flaw == .returnsNoRows { return SQLRows(columns: [], cells: []) }
        let rows = try await inner.rows(statement.inDollars(), atMost: maxRows)
        let isClaim = statement.text.contains("SET state = 3") && !rows.isEmpty
        if flaw == .failsAfterAClaim, isClaim, !hasFailed.exchange(true, ordering: .sequentiallyConsistent) {
            throw WippyError(.unavailable, "the connection was lost", isRetryable: true)
        }
        return rows
    }

    func beginQueueTransaction(_ options: SQLTransactionOptions) async throws -> any QueueTransaction {
        try options.refuse()
        try mayFail()
        return DollarTransaction(inner: try await inner.beginQueueTransaction(), owner: self)
    }

    /// What becomes of a transaction that is committed now, and what its observers are told of that; nil if the commit
    /// does what it should.
    fileprivate var fate: (outcome: TransactionOutcome, told: TransactionOutcome)? {
        if let outcome = lostCommit.withLock({ $0 }) {
            return (outcome, flaw == .tellsLostAsUndone ? .undone : flaw == .tellsLostAsKept ? .kept : .unknown)
        }
        guard isFailing.load(ordering: .sequentiallyConsistent) else { return nil }
        return (.undone, flaw == .tellsRefusedAsKept ? .kept : .undone)
    }
}

/// The locks that were taken.
private final class TakenLocks: Sendable {
    let all = Mutex<[any OwnerLock]>([])
}

/// Locks that are noted when they are taken.
private struct NotedLocks: OwnerLocks {
    private final class LastingLock: OwnerLock {
        private let inner: any OwnerLock
        private let isReleased = Atomic(false)

        init(inner: any OwnerLock) { self.inner = inner }

        var isHeld: Bool { !isReleased.load(ordering: .sequentiallyConsistent) }

        func release() async {
            isReleased.store(true, ordering: .sequentiallyConsistent)
            await inner.release()
        }
    }

    let inner: any OwnerLocks
    let taken: TakenLocks
    /// True for a flaw: a lock says that it is held although it was lost.
    let areNeverLost: Bool

    func lock(_ owner: Int) async throws -> any OwnerLock {
        let lock = try await inner.lock(owner)
        taken.all.withLock { $0.append(lock) }
        return areNeverLost ? LastingLock(inner: lock) : lock
    }

    func isHeld(_ owner: Int) async throws -> Bool { try await inner.isHeld(owner) }
}

struct DollarTransaction: QueueTransaction {
    /// What observers are told; nil if they are told the truth.
    private final class Told: Sendable {
        let outcome = Mutex<TransactionOutcome?>(nil)
    }

    let inner: any QueueTransaction
    let owner: DollarDatabase
    private let told = Told()

    init(inner: any QueueTransaction, owner: DollarDatabase) { (self.inner, self.owner) = (inner, owner) }

    var database: ObjectIdentifier { owner.identity }

    var parameterStyle: SQLParameterStyle { .dollar }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        try await inner.execute(statement.inDollars())
    }

    func execute(script: SQLStatement) async throws { try await inner.execute(script: script.inDollars()) }

    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await inner.rows(statement.inDollars(), atMost: maxRows)
    }

    func commit() async throws {
        guard let fate = owner.fate else { return try await inner.commit() }
        told.outcome.withLock { $0 = fate.told }
        try await fate.outcome == .kept ? inner.commit() : inner.rollback()
        throw WippyError(.unavailable, "the connection was lost", isRetryable: true)
    }

    func rollback() async throws { try await inner.rollback() }

    func onEnd(_ body: @escaping @Sendable (TransactionOutcome) -> Void) {
        inner.onEnd { [told] outcome in body(told.outcome.withLock { $0 } ?? outcome) }
    }
}

extension SQLStatement {
    /// The statement, unless it has other places than such a database: SQLite takes both.
    fileprivate func inDollars() throws -> SQLStatement {
        guard !text.contains("?") else {
            throw WippyError(.invalid, "'?' is no place of this database: \(text)", isRetryable: false)
        }
        return self
    }
}

/// Locks that nobody can see.
private struct NoLocks: OwnerLocks {
    private struct Lock: OwnerLock {
        let isHeld = true

        func release() {}
    }

    func lock(_ owner: Int) -> any OwnerLock { Lock() }

    func isHeld(_ owner: Int) -> Bool { false }
}
