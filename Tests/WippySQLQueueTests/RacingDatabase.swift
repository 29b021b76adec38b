import Synchronization
import WippyDefinition
import WippyRuntime
import WippySQL
import WippyValues

/// A database with several writers, as another process has just made or changed the tables of its queues.
final class RacingDatabase: QueueDatabase {
    /// What the other process does while this one looks.
    enum Race {
        /// It commits the creation of the tables.
        case creates
        /// It commits a change from the first version.
        case changes
    }

    private let inner: any QueueDatabase
    private let race: Race
    private let isOver = Atomic(false)

    /// The texts of the scripts that have run.
    let scripts = Mutex<[String]>([])

    init(over inner: any QueueDatabase, _ race: Race) {
        (self.inner, self.race) = (inner, race)
    }

    var parameterStyle: SQLParameterStyle { inner.parameterStyle }
    var numberedKey: SQL { inner.numberedKey }
    var ownerLocks: any OwnerLocks { inner.ownerLocks }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges { try await inner.execute(statement) }

    func execute(script: SQLStatement) async throws { try await inner.execute(script: script) }

    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await inner.rows(statement, atMost: maxRows)
    }

    func beginQueueTransaction(_ options: SQLTransactionOptions) async throws -> any QueueTransaction {
        Transaction(of: self, try await inner.beginQueueTransaction(options))
    }

    /// Returns true once, if the other process does this.
    private func begins(_ race: Race) -> Bool {
        race == self.race && !isOver.exchange(true, ordering: .sequentiallyConsistent)
    }

    private struct Transaction: QueueTransaction {
        let owner: RacingDatabase
        let inner: any QueueTransaction

        init(of owner: RacingDatabase, _ inner: any QueueTransaction) {
            (self.owner, self.inner) = (owner, inner)
        }

        var database: ObjectIdentifier { owner.identity }
        var parameterStyle: SQLParameterStyle { inner.parameterStyle }

        func execute(_ statement: SQLStatement) async throws -> SQLChanges { try await inner.execute(statement) }

        func execute(script: SQLStatement) async throws {
            guard !owner.begins(.creates) else {
                throw WippyError(.alreadyExists, "another process has made the table", isRetryable: false)
            }
            owner.scripts.withLock { $0.append(script.text) }
            try await inner.execute(script: script)
        }

        func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
            if statement.text.hasPrefix("SELECT version"), owner.begins(.changes) {
                return SQLRows(columns: ["version"], cells: [1])
            }
            return try await inner.rows(statement, atMost: maxRows)
        }

        func commit() async throws { try await inner.commit() }

        func rollback() async throws { try await inner.rollback() }

        func onEnd(_ body: @escaping @Sendable (TransactionOutcome) -> Void) { inner.onEnd(body) }
    }
}
