import SQLiteGroups
import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime
import WippySQL
import WippyValues

/// The database of a `db.sql.sqlite` entry: what others use, and the service that opens and closes the file.
///
/// Others may hold it before it is open; their calls are `Unavailable` then.
///
/// A database in memory (`:memory:`) lives as long as this object, so that restarting the service loses nothing: while
/// the service is stopped its calls are refused, and it is there again afterwards.
final class SQLiteService: SQLDatabase, ManagedService {
    private enum State {
        case notStarted
        case open(SQLiteDatabase)
        /// Nothing new is accepted. A database in memory is kept.
        case stopped(SQLiteDatabase?)
    }

    private let id: EntryID
    private let settings: SQLiteSettings
    private let executors: any ExecutorProvider
    private let log: Log
    private let state = Mutex(State.notStarted)

    init(id: EntryID, settings: SQLiteSettings, executors: any ExecutorProvider, log: Log) {
        self.id = id
        self.settings = settings
        self.executors = executors
        self.log = log
    }

    let placeholders = SQLPlaceholders.question

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        let (database, arguments) = (try current(), try statement.sqliteArguments())
        return try await WippyError.wrapping {
            SQLChanges(try await database.execute(statement.text, arguments))
        }
    }

    func execute(script: SQLStatement) async throws {
        let database = try current()
        let text = try script.scriptText()
        try await WippyError.wrapping { try await database.executeScript(text) }
    }

    func rows(_ statement: SQLStatement, atMost rowsMax: Int) async throws -> SQLRows {
        let (database, arguments) = (try current(), try statement.sqliteArguments())
        let bytesMax = settings.resultBytesMax
        return try await WippyError.wrapping {
            try await database.query(statement.text, arguments) { cursor in
                try SQLiteRowReading.rows(&cursor, atMost: rowsMax, bytesMax: bytesMax)
            }
        }
    }

    func json(_ statement: SQLStatement) async throws -> SQLJSON {
        let (database, arguments) = (try current(), try statement.sqliteArguments())
        let bytesMax = settings.resultBytesMax
        return try await WippyError.wrapping {
            try await database.query(statement.text, arguments) { cursor in
                try SQLiteRowReading.json(&cursor, bytesMax: bytesMax)
            }
        }
    }

    func begin() async throws -> any SQLTransaction {
        let database = try current()
        let transaction = try await WippyError.wrapping { try await database.begin() }
        return SQLiteEntryTransaction(transaction: transaction, bytesMax: settings.resultBytesMax)
    }

    private func current() throws(WippyError) -> SQLiteDatabase {
        let problem: String
        switch state.withLock({ $0 }) {
        case .open(let database): return database
        case .notStarted: problem = "is not started: check its 'lifecycle.auto_start'"
        case .stopped: problem = "is closed"
        }
        throw WippyError(.unavailable, "the database \(id) \(problem)", isRetryable: true)
    }
}

extension SQLiteService {
    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        guard let database = try await open(unless: stop) else { return try Task.checkCancellation() }
        state.withLock { $0 = .open(database) }
        log.debug("the database is open", ["file": "\(settings.path)"])
        ready()
        await stop.wait()
        state.withLock { $0 = .stopped(settings.isInMemory ? database : nil) }
        if settings.isInMemory {
            // Calls are served in order, so this one is answered when all that came before are.
            _ = try? await database.execute("SELECT 1")
        } else {
            await database.close()
        }
    }

    /// Opens the file, which may wait for another process for long; nil if the stop comes first.
    private func open(unless stop: StopSignal) async throws -> SQLiteDatabase? {
        try await withThrowingTaskGroup(of: SQLiteDatabase?.self) { group in
            group.addTask { try await self.open() }
            group.addTask {
                await stop.wait()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func open() async throws -> SQLiteDatabase {
        if case .stopped(let kept?) = state.withLock({ $0 }) { return kept }
        do {
            return try await SQLiteDatabase.open(settings, wakingUp: executors.afterReadyJobs)
        } catch let error as SQLiteError {
            throw ServiceFailure(sentence(for: error), isPermanent: !error.isRetryable)
        }
    }

    private func sentence(for error: SQLiteError) -> String {
        if FileKind.isFolder(settings.path) {
            return "'\(settings.path)' is a folder: 'file' must name a file"
        }
        return "the database '\(settings.path)' cannot be opened: \(error.message)"
    }
}

extension SQLChanges {
    /// What SQLite says of a change.
    init(_ changes: SQLiteChanges) {
        self.init(rowsAffected: changes.rowsAffected, lastInsertID: Int(changes.lastInsertRowID))
    }
}

extension SQLStatement {
    /// The text of a script, which takes no arguments.
    func scriptText() throws(WippyError) -> String {
        guard arguments.isEmpty else {
            throw WippyError(.invalid, "a script takes no arguments: run its statements one by one", isRetryable: false)
        }
        return text
    }
}
