import SQLiteGroups
import Synchronization
import WippyRuntime
import WippySQL
import WippyValues

/// A transaction on the database of a `db.sql.sqlite` entry.
struct SQLiteEntryTransaction: QueueTransaction, SQLiteRowReader {
    let transaction: SQLiteTransaction
    let maxResultBytes: Int
    let database: ObjectIdentifier
    let ending: TransactionEnding

    func onEnd(_ body: @escaping @Sendable (TransactionOutcome) -> Void) { ending.observe(body) }

    var parameterStyle: SQLParameterStyle { .question }

    var product: SQLProduct { .sqlite }

    func check(_ text: String) async throws {
        try await WippyError.wrapping { try await transaction.check(text) }
    }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        let arguments = try statement.sqliteArguments()
        return try await WippyError.wrapping {
            SQLChanges(try await transaction.execute(statement.text, arguments))
        }
    }

    func execute(script: SQLStatement) async throws {
        let text = try script.scriptText()
        try await WippyError.wrapping { try await transaction.executeScript(text) }
    }

    func query<Result: Sendable>(
        _ statement: SQLStatement, reading read: @escaping @Sendable (inout SQLiteCursor) throws -> Result
    ) async throws -> Result {
        let arguments = try statement.sqliteArguments()
        return try await WippyError.wrapping {
            try await transaction.query(statement.text, arguments, reading: read)
        }
    }

    func commit() async throws {
        do {
            try await WippyError.wrapping { try await transaction.commit() }
        } catch {
            ending.end(TransactionOutcome(afterFailedCommit: error))
            throw error
        }
        ending.end(.kept)
    }

    func rollback() async throws {
        defer { ending.end(.undone) }
        try await WippyError.wrapping { try await transaction.rollback() }
    }

    func savepoint(_ name: String) async throws {
        try await WippyError.wrapping { try await transaction.savepoint(name) }
    }

    func rollback(to savepoint: String) async throws {
        try await WippyError.wrapping { try await transaction.rollback(to: savepoint) }
    }

    func release(_ savepoint: String) async throws {
        try await WippyError.wrapping { try await transaction.release(savepoint) }
    }
}

extension TransactionOutcome {
    /// The outcome of a transaction whose commit has failed.
    ///
    /// If the flush to the disk has failed, the changes are back if the process ends before the next commit.
    init(afterFailedCommit error: any Error) {
        let cause = (error as? WippyError)?.cause as? SQLiteError
        self = cause?.code == .ioErrorFlush ? .unknown : .undone
    }
}

/// Tells observers that a transaction has ended.
///
/// A transaction that is released before its end counts as rolled back.
final class TransactionEnding: Sendable {
    private enum State {
        case open([@Sendable (TransactionOutcome) -> Void])
        case ended(TransactionOutcome)
    }

    private let state = Mutex(State.open([]))

    deinit {
        end(.undone)
    }

    /// Calls `body` once: when the transaction ends, or now if it has ended.
    func observe(_ body: @escaping @Sendable (TransactionOutcome) -> Void) {
        let outcome: TransactionOutcome? = state.withLock { state in
            switch state {
            case .open(let observers):
                state = .open(observers + [body])
                return nil
            case .ended(let outcome): return outcome
            }
        }
        if let outcome { body(outcome) }
    }

    /// Calls the observers.
    ///
    /// Only the first end counts.
    func end(_ outcome: TransactionOutcome) {
        let observers: [@Sendable (TransactionOutcome) -> Void] = state.withLock { state in
            guard case .open(let observers) = state else { return [] }
            state = .ended(outcome)
            return observers
        }
        for observer in observers { observer(outcome) }
    }
}
