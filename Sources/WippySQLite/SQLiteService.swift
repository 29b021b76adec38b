import Glibc
import SQLiteGroups
import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime
import WippySQL
import WippyValues

/// The key columns of SQLite.
protocol SQLiteKeys: QueueKeys {}

extension SQLiteKeys {
    var numberedKey: SQL { "INTEGER PRIMARY KEY" }

    var lastingKey: SQL { "INTEGER PRIMARY KEY AUTOINCREMENT" }
}

/// The database of a `db.sql.sqlite` entry.
///
/// It is also the service that opens and closes the file.
///
/// Other components may hold the database before it is open. Then their calls throw `Unavailable`.
///
/// A database in memory (`:memory:`) exists as long as this object, so a restart of the service loses nothing. While
/// the service is stopped, calls are refused. After a new start, the database is available again.
///
/// New settings open the file again, beside the open connections, before a reload puts them in force. The old
/// connections close when their calls have ended.
final class SQLiteService: QueueDatabase, SQLiteKeys, CopyableDatabase, SQLiteRowReader, ManagedService {
    private enum Stage {
        case notStarted
        case open(SQLiteDatabase)
        /// New calls are refused. A database in memory is kept.
        case stopped(SQLiteDatabase?)
    }

    private struct State {
        var stage = Stage.notStarted
        /// The settings with which the file should be open.
        var settings: SQLiteSettings
        /// The connections whose settings are not in force: new settings before a change, old settings after it.
        var spare: SQLiteDatabase?
        /// Connections that nobody uses any more, and that the running service closes.
        var unused: [SQLiteDatabase] = []
        /// Tells a running service that the settings have changed, or that there are unused connections.
        var changes: AsyncStream<Void>.Continuation?
    }

    private let id: EntryID
    let path: String
    private let isInMemory: Bool
    let maxResultBytes: Int
    let ownerLocks: any OwnerLocks
    /// The number of users that want transactions to survive a power failure.
    private let durabilityRaises = Atomic(0)
    private let executors: any ExecutorProvider
    private let log: Log
    private let state: Mutex<State>

    init(id: EntryID, settings: SQLiteSettings, executors: any ExecutorProvider, log: Log) {
        self.id = id
        (path, isInMemory, maxResultBytes) = (settings.path, settings.isInMemory, settings.maxResultBytes)
        ownerLocks = settings.isInMemory ? ProcessOwnerLocks() : OwnerLockFile(beside: settings.path)
        self.executors = executors
        self.log = log
        state = Mutex(State(settings: settings))
    }

    var details: LogMetadata { ["file": "\(path)"] }

    /// Opens the file with other settings, beside the open connections, for ``change(to:)``.
    ///
    /// Does nothing if the database is not open, or in memory.
    func prepare(_ settings: SQLiteSettings) async throws {
        guard !isInMemory, case .open(let old) = state.withLock({ $0.stage }), old.settings != settings else { return }
        let new = try await open(settings)
        state.withLock { state in
            // In the meantime, the service may have stopped, or the reload may have given up.
            if case .open = state.stage, !Task.isCancelled, state.spare == nil {
                state.spare = new
            } else {
                state.unused.append(new)
                state.changes?.yield()
            }
        }
    }

    /// Changes to other settings for the same file.
    ///
    /// The connections that ``prepare(_:)`` has opened are used from now on. Without them, a running service opens the
    /// file again.
    func change(to settings: SQLiteSettings) {
        let isChanged = state.withLock { state in
            state.settings = settings
            guard case .open(let old) = state.stage, let spare = state.spare, spare.settings == settings else {
                state.changes?.yield()
                return false
            }
            (state.stage, state.spare) = (.open(spare), old)
            return true
        }
        if isChanged { log.info("the database is open with its new settings", ["file": "\(path)"]) }
    }

    /// Closes the connections that are not in use, after a change or without one.
    func closeSpare() {
        state.withLock { state in
            guard let spare = state.spare else { return }
            state.spare = nil
            state.unused.append(spare)
            state.changes?.yield()
        }
    }

    let parameterStyle = SQLParameterStyle.question

    let product = SQLProduct.sqlite

    var connections: SQLConnections {
        state.withLock { state in
            let most = isInMemory ? 1 : state.settings.readers + 1
            if case .open = state.stage { return SQLConnections(most: most, open: most) }
            return SQLConnections(most: most, open: 0)
        }
    }

    func check(_ text: String) async throws {
        try await onDatabase { try await $0.check(text) }
    }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        let arguments = try statement.sqliteArguments()
        return try await onDatabase { SQLChanges(try await $0.execute(statement.text, arguments)) }
    }

    func execute(script: SQLStatement) async throws {
        let text = try script.scriptText()
        try await onDatabase { try await $0.executeScript(text) }
    }

    func query<Result: Sendable>(
        _ statement: SQLStatement, reading read: @escaping @Sendable (inout SQLiteCursor) throws -> Result
    ) async throws -> Result {
        let arguments = try statement.sqliteArguments()
        return try await onDatabase { try await $0.query(statement.text, arguments, reading: read) }
    }

    func beginQueueTransaction(_ options: SQLTransactionOptions) async throws -> any QueueTransaction {
        // SQLite has one isolation level, the strongest.
        let synchronous = durabilityRaises.load(ordering: .relaxed) > 0 ? SQLiteSettings.Synchronous.full : nil
        let transaction = try await onDatabase {
            try await $0.begin(synchronous: synchronous, isReadOnly: options.isReadOnly)
        }
        return SQLiteEntryTransaction(
            transaction: transaction, maxResultBytes: maxResultBytes, database: identity, ending: TransactionEnding())
    }

    func execute(_ statement: SQLStatement, _ durability: CommitDurability) async throws -> SQLChanges {
        let arguments = try statement.sqliteArguments()
        return try await onDatabase {
            SQLChanges(try await $0.execute(statement.text, arguments, synchronous: durability.synchronous))
        }
    }

    func change(_ statement: SQLStatement, _ durability: CommitDurability) async throws -> SQLRows {
        let (arguments, maxBytes) = (try statement.sqliteArguments(), maxResultBytes)
        return try await onDatabase { database in
            try await database.change(statement.text, arguments, synchronous: durability.synchronous) { cursor in
                try SQLiteRowReading.rows(&cursor, atMost: .max, maxBytes: maxBytes)
            }
        }
    }

    func copy(to path: String) throws {
        do throws(SQLiteError) {
            try SQLiteDatabase.copy(state.withLock { $0.settings }, to: path)
        } catch {
            throw WippyError(error)
        }
    }

    func integrityProblems() async throws -> [String]? {
        let answers = try await query("PRAGMA integrity_check", as: String.self)
        return answers == ["ok"] ? [] : answers
    }

    func raiseDurability() { durabilityRaises.add(1, ordering: .relaxed) }

    func lowerDurability() { durabilityRaises.subtract(1, ordering: .relaxed) }

    /// Calls the database.
    ///
    /// If the database was closed before the call began, the call goes to the database that replaced it.
    @inline(__always)
    private func onDatabase<Result>(_ call: (SQLiteDatabase) async throws -> Result) async throws -> Result {
        var database = try current()
        while true {
            do {
                return try await call(database)
            } catch let error as SQLiteError {
                guard error.isClosed, case let other = try current(), other !== database else {
                    throw WippyError(error)
                }
                database = other
            }
        }
    }

    private func current() throws(WippyError) -> SQLiteDatabase {
        let problem: String
        switch state.withLock({ $0.stage }) {
        case .open(let database): return database
        case .notStarted: problem = "is not started: check its '\(LifecyclePolicy.autoStartField)'"
        case .stopped: problem = "is closed"
        }
        throw WippyError(.unavailable, "the database \(id) \(problem)", isRetryable: true)
    }
}

extension SQLiteService {
    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let (changes, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.changes = continuation }
        defer { state.withLock { $0.changes = nil } }
        guard let database = try await open(unless: stop) else { return try Task.checkCancellation() }
        state.withLock { $0.stage = .open(database) }
        log.debug("the database is open", ["file": "\(path)"])
        ready()
        await withTaskGroup { group in
            group.addTask {
                await stop.wait()
                continuation.finish()
            }
            for await _ in changes {
                await exchange(unless: stop)
                await closeUnused()
            }
        }
        await close()
    }

    /// Opens the file with the current settings, if the service began with others while a reload changed them.
    ///
    /// If the file cannot be opened, the old connections stay in use.
    private func exchange(unless stop: StopSignal) async {
        let (stage, settings) = state.withLock { ($0.stage, $0.settings) }
        guard !isInMemory, case .open(let old) = stage, old.settings != settings else { return }
        do {
            guard let new = try await open(unless: stop) else { return }
            state.withLock { state in
                state.stage = .open(new)
                state.unused.append(old)
            }
            log.info("the database is open with its new settings", ["file": "\(path)"])
        } catch {
            guard !Task.isCancelled else { return }
            log.error(
                "the database keeps its old settings: the new ones take effect when it is opened again",
                ["error": "\(FailureReason.text(of: error))"])
        }
    }

    /// Closes the connections that nobody uses any more, when their calls have ended.
    private func closeUnused() async {
        for database in state.withLock({ Swift.exchange(&$0.unused, with: []) }) { await database.close() }
    }

    private func close() async {
        let database = state.withLock { state -> SQLiteDatabase? in
            if let spare = state.spare { state.unused.append(spare) }
            state.spare = nil
            guard case .open(let database) = state.stage else { return nil }
            state.stage = .stopped(isInMemory ? database : nil)
            return database
        }
        await closeUnused()
        if isInMemory {
            // Calls are served in order. So this call returns when all earlier calls have returned.
            _ = try? await database?.execute("SELECT 1")
        } else {
            await database?.close()
        }
    }

    /// Opens the file.
    ///
    /// This may take long if another process holds the file. Returns nil if the stop comes first.
    private func open(unless stop: StopSignal) async throws -> SQLiteDatabase? {
        try await race {
            try await self.open()
        } against: {
            await stop.wait()
            return nil
        }
    }

    private func open() async throws -> SQLiteDatabase {
        let (stage, settings) = state.withLock { ($0.stage, $0.settings) }
        if case .stopped(let kept?) = stage { return kept }
        return try await open(settings)
    }

    private func open(_ settings: SQLiteSettings) async throws -> SQLiteDatabase {
        do {
            return try await SQLiteDatabase.open(settings, wakingUp: executors.afterReadyJobs)
        } catch let error as SQLiteError {
            throw ServiceFailure(sentence(for: error), isPermanent: !error.isRetryable)
        }
    }

    /// The reason why no file can be at a path, as the end of a sentence; nil if none is known.
    static func obstacle(at path: String) -> String? {
        var information = stat()
        if unsafe stat(path, &information) == 0 {
            return switch information.st_mode & S_IFMT {
            case S_IFREG: nil
            case S_IFDIR: "is a folder"
            default: "is not a file but a device, a pipe or a socket"
            }
        }
        return switch errno {
        case ENOTDIR: "leads through a file"
        case ENAMETOOLONG: "has a name that is too long"
        default: nil
        }
    }

    private func sentence(for error: SQLiteError) -> String {
        if let obstacle = Self.obstacle(at: path) {
            return "'\(path)' \(obstacle): '\(SQLiteKind.Config.fileField)' must name a file"
        }
        return error.sentence(aboutOpening: path)
    }
}

extension SQLiteError {
    /// Returns the sentence about a database that cannot be opened.
    func sentence(aboutOpening path: String) -> String { "cannot open the database '\(path)': \(message)" }
}

extension SQLChanges {
    /// Creates the runtime's result from SQLite's result.
    init(_ changes: SQLiteChanges) {
        self.init(rowsAffected: changes.rowsAffected, lastInsertID: Int(changes.lastInsertRowID))
    }
}

extension SQLStatement {
    /// Returns the text of a script.
    ///
    /// A script takes no arguments.
    func scriptText() throws(WippyError) -> String {
        guard arguments.isEmpty else {
            throw WippyError(
                .invalid, "a script cannot have arguments; run its statements one by one", isRetryable: false)
        }
        return text
    }
}

extension CommitDurability {
    /// The setting of SQLite for a commit with this durability; nil for the connection's setting.
    fileprivate var synchronous: SQLiteSettings.Synchronous? { self == .full ? .full : nil }
}
