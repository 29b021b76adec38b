import SQLiteGroups
import Synchronization
import WippyRuntime
import WippySQL
import WippyValues

/// A transaction of a `db.sql.sqlite` entry's database.
struct SQLiteEntryTransaction: QueueTransaction {
    let transaction: SQLiteTransaction
    let bytesMax: Int
    let database: ObjectIdentifier
    let ending: TransactionEnding

    func onEnd(_ body: @escaping @Sendable (Bool) -> Void) { ending.observe(body) }

    var placeholders: SQLPlaceholders { .question }

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

    func rows(_ statement: SQLStatement, atMost rowsMax: Int) async throws -> SQLRows {
        try await read(statement) { try SQLiteRowReading.rows(&$0, atMost: rowsMax, bytesMax: $1) }
    }

    func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows {
        try await read(statement) { try SQLiteRowReading.packedRows(&$0, bytesMax: $1) }
    }

    func json(_ statement: SQLStatement) async throws -> SQLJSON {
        try await read(statement) { try SQLiteRowReading.json(&$0, bytesMax: $1) }
    }

    @inline(__always)
    private func read<Result: Sendable>(
        _ statement: SQLStatement, _ read: @escaping @Sendable (inout SQLiteCursor, _ bytesMax: Int) throws -> Result
    ) async throws -> Result {
        let (arguments, bytesMax) = (try statement.sqliteArguments(), bytesMax)
        return try await WippyError.wrapping {
            try await transaction.query(statement.text, arguments) { try read(&$0, bytesMax) }
        }
    }

    func commit() async throws {
        do {
            try await WippyError.wrapping { try await transaction.commit() }
        } catch {
            ending.end(isKept: false)
            throw error
        }
        ending.end(isKept: true)
    }

    func rollback() async throws {
        defer { ending.end(isKept: false) }
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

/// Who is told when a transaction has ended; one that nobody has ended is dropped.
final class TransactionEnding: Sendable {
    private let observers = Mutex<[@Sendable (Bool) -> Void]>([])

    deinit {
        end(isKept: false)
    }

    /// Calls `body` when the transaction ends.
    func observe(_ body: @escaping @Sendable (Bool) -> Void) { observers.withLock { $0.append(body) } }

    /// Tells everybody, once.
    func end(isKept: Bool) {
        let observers = observers.withLock { observers in
            defer { observers = [] }
            return observers
        }
        for observer in observers { observer(isKept) }
    }
}
