import CWippySQLite
import WippyText

/// A connection to a database file.
///
/// It is not `Sendable`: one thread makes, uses and releases it.
final class SQLiteConnection {
    /// Decides when the running statement has to give up.
    let interruption: Interruption

    private let handle: OpaquePointer
    private let authorizer: StatementAuthorizer
    private let statements: StatementCache
    private let lastRowID: LastRowID
    private var beginStatement: SQLiteStatement?
    private var commitStatement: SQLiteStatement?
    private var checkpoints: Checkpoints?
    private var synchronous = (settings: SQLiteSettings.Synchronous.normal, now: SQLiteSettings.Synchronous.normal)

    /// Configures the SQLite library once.
    ///
    /// If the program has used the library before, its configuration stays.
    private static let libraryIsSet = wippy_sqlite_count_no_memory() == SQLITE_OK

    /// Opens the file, and creates it if `flags` say so.
    init(path: String, flags: CInt, maxStatements: Int, interruption: Interruption) throws(SQLiteError) {
        _ = Self.libraryIsSet
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            throw SQLiteError.last(code, of: opened)
        }
        handle = opened
        statements = StatementCache(maxCount: maxStatements)
        lastRowID = LastRowID(of: opened)
        authorizer = StatementAuthorizer()
        self.interruption = interruption
        sqlite3_extended_result_codes(opened, 1)
        authorizer.attach(to: opened)
        interruption.attach(to: opened)
    }

    deinit {
        // Statements go first. The connection closes, with a checkpoint, when the last statement is gone.
        (beginStatement, commitStatement) = (nil, nil)
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Refuses texts and blobs that are longer than `maxBytes`.
    ///
    /// A longer one could not be read, and a statement that makes it would take memory.
    func limitValues(to maxBytes: Int) {
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, CInt(clamping: maxBytes))
    }

    /// Writes the contents of the file to a new file.
    func copy(to path: String) throws(SQLiteError) {
        authorizer.writesCopy = true
        defer { authorizer.writesCopy = false }
        _ = try control("VACUUM INTO '\(path.replacing("'", with: "''"))'")
    }

    /// The header of the file; nil if it cannot be read.
    ///
    /// SQLite reads it. A descriptor of our own would not do: the process loses its locks on a file when it closes
    /// any other descriptor of the file.
    var fileHeader: SQLiteFileHeader? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file,
            let read = file.pointee.pMethods?.pointee.xRead
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: SQLiteFileHeader.length)
        let code = read(file, &bytes, CInt(bytes.count), 0)
        // SQLite fills the bytes after the end of a short file with 0.
        let isRead = code == SQLITE_OK || code == SQLiteResultCode.ioErrorShortRead.rawValue
        return isRead ? SQLiteFileHeader(bytes) : nil
    }

    /// The path of the file after SQLite has followed its links; empty for a database in memory.
    var filePath: String { sqlite3_db_filename(handle, "main").map { String(cString: $0) } ?? "" }

    /// True if the file can only be read.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    /// True if a caller holds the connection until its transaction ends.
    var isHeld: Bool {
        get { authorizer.isHeld }
        set {
            authorizer.isHeld = newValue
            lastRowID.beginStatement(isInTransaction: false)
        }
    }

    /// Notes the current PRAGMAs: those of `settings` and those of this library.
    ///
    /// The authorizer compares statements with them.
    func notePragmas(of settings: SQLiteSettings) throws(SQLiteError) {
        synchronous = (settings.synchronous, settings.synchronous)
        authorizer.pragmas = try ConnectionPragmas(settings) { sql throws(SQLiteError) in try control(sql) }
    }

    /// Sets the level at which the next commits wait for the disk: the level of the settings, or a higher level that
    /// one of the calls asks for.
    ///
    /// Call it while no transaction is open, because SQLite does not change the setting within one.
    ///
    /// - Returns: the calls whose commits wait as they ask. If the level cannot be set, the other calls are refused.
    func commitsWait(for calls: [Call]) -> [Call] {
        var wanted = synchronous.settings
        for call in calls {
            if let asked = call.synchronous, asked.number > wanted.number { wanted = asked }
        }
        guard wanted != synchronous.now else { return calls }
        do {
            // The statement takes effect while it is prepared, without the file.
            try control("PRAGMA synchronous = \(wanted.rawValue)")
            synchronous.now = wanted
            return calls
        } catch {
            let error = SQLiteError(error.code, kind: error.kind, "cannot set 'synchronous': \(error.message)")
            return calls.filter { call in
                guard let asked = call.synchronous, asked.number > synchronous.now.number else { return true }
                call.refuse(error)
                return false
            }
        }
    }

    /// True if no transaction is open.
    var isAutocommit: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// Makes `checkpoints` move the write-ahead log.
    func make(_ checkpoints: Checkpoints) {
        checkpoints.attach(to: handle)
        self.checkpoints = checkpoints
    }

    /// Moves the whole write-ahead log into the database and frees its space.
    ///
    /// The method fails if a reader or another process is in the way.
    ///
    /// - Returns: true if the log is empty.
    func emptyWAL() -> Bool {
        interruption.waitForLocks(atMost: 0)
        return sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil) == SQLITE_OK
    }

    /// True if the file was renamed, removed or replaced after it was opened.
    var hasMoved: Bool {
        var moved: CInt = 0
        let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code == SQLITE_OK && moved != 0
    }
}

extension SQLiteConnection {
    /// Returns the statement with this text, which is prepared now or was prepared before.
    ///
    /// - Throws: `invalid` for a text that is not exactly one statement.
    func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let kept = statements[sql] { return kept }
        let prepared = try prepareOnly(sql)
        statements.add(prepared)
        return prepared
    }

    /// Throws an error if a statement changes something.
    func checkReads(_ sql: String) throws(SQLiteError) {
        guard try statement(sql).onlyReads else { throw .transactionOnlyReads }
    }

    /// Releases the statement that was prepared last, if the cache does not keep it.
    func letGo() { statements.letGo() }

    /// The number of prepared statements that are kept, and the number of their bytes.
    var cachedStatements: (count: Int, bytes: Int) { (statements.count, statements.bytes) }

    private func prepareOnly(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        let text = try SQLText(sql)
        let (statement, end) = try prepare(text, from: 0, origin: .statement, persistent: true)
        guard let statement else {
            throw SQLiteError(.misuse, "the text holds no SQL statement")
        }
        let isAlone: Bool
        do {
            isAlone = try prepare(text, from: end, origin: .statement, persistent: false).statement == nil
        } catch {
            isAlone = false
        }
        guard isAlone else {
            throw SQLiteError(.misuse, "the text holds several SQL statements: run it as a script")
        }
        return statement
    }

    /// Prepares the statement that begins at `start`.
    ///
    /// - Returns: the statement, and the offset at which it ends. The statement is nil if only white space and
    ///   comments are left.
    private func prepare(
        _ text: SQLText, from start: Int, origin: StatementAuthorizer.Origin, persistent: Bool
    ) throws(SQLiteError) -> (statement: SQLiteStatement?, end: Int) {
        var prepared: OpaquePointer?
        var end = start
        let code = text.bytes.withUnsafeBufferPointer { bytes -> CInt in
            guard let base = bytes.baseAddress else { return SQLITE_MISUSE }
            var tail: UnsafePointer<CChar>?
            let flags = persistent ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
            let isInTransaction = isHeld || origin == .script && !isAutocommit
            let code = authorizer.observing(origin, isInTransaction: isInTransaction) {
                sqlite3_prepare_v3(handle, base + start, CInt(bytes.count - start), flags, &prepared, &tail)
            }
            end = tail.map { $0 - base } ?? bytes.count
            return code
        }
        if let refusal = authorizer.refusal {
            sqlite3_finalize(prepared)
            throw refusal
        }
        guard code == SQLITE_OK else { throw SQLiteError.last(code, of: handle) }
        guard let prepared else { return (nil, end) }
        let effect = authorizer.effect(of: prepared, sql: text.sql)
        let statement = SQLiteStatement(
            prepared, sql: text.sql, effect: effect, onlyReads: authorizer.onlyReads(prepared),
            inserts: authorizer.inserts, isLasting: authorizer.isLasting)
        return (statement, end)
    }
}

extension SQLiteConnection {
    /// Runs one statement to its end.
    func execute(_ sql: String, _ arguments: [SQLiteValue] = []) throws(SQLiteError) -> SQLiteChanges {
        defer { letGo() }
        let statement = try statement(sql)
        let changesBefore = sqlite3_total_changes64(handle)
        try statement.bind(arguments)
        lastRowID.beginStatement(isInTransaction: isHeld)
        defer { statement.reset() }
        var code = sqlite3_step(statement.handle)
        while code == SQLITE_ROW {
            code = sqlite3_step(statement.handle)
        }
        guard code == SQLITE_DONE else { throw SQLiteError.last(code, of: handle, hiding: arguments) }
        // If the statement changed nothing, SQLite's count belongs to an earlier statement.
        let hasChanged = statement.effect != .reads && sqlite3_total_changes64(handle) != changesBefore
        return SQLiteChanges(
            rowsAffected: hasChanged ? Int(sqlite3_changes64(handle)) : 0,
            lastInsertRowID: hasChanged && statement.inserts ? lastRowID.current : 0)
    }

    /// Runs one statement to its end, and calls `read` to read its rows.
    func query<Result>(
        _ sql: String, _ arguments: [SQLiteValue], _ read: (inout SQLiteCursor) throws -> Result
    ) throws -> Result {
        defer { letGo() }
        let statement = try statement(sql)
        lastRowID.beginStatement(isInTransaction: isHeld)
        guard statement.effect == .changesRows else { return try rows(of: statement, arguments, read) }
        // When `read` throws, the statement has already made its change, and only its rows are unread. So a savepoint
        // undoes the change.
        try control("SAVEPOINT change")
        do {
            let result = try rows(of: statement, arguments, read)
            try control("RELEASE change")
            return result
        } catch {
            // This fails only if the transaction and its savepoint are gone.
            _ = try? control("ROLLBACK TO change")
            _ = try? control("RELEASE change")
            throw error
        }
    }

    private func rows<Result>(
        of statement: SQLiteStatement, _ arguments: [SQLiteValue], _ read: (inout SQLiteCursor) throws -> Result
    ) throws -> Result {
        try statement.bind(arguments)
        defer { statement.reset() }
        var cursor = SQLiteCursor(statement, arguments: arguments)
        let result = try read(&cursor)
        if statement.effect != .reads {
            while try cursor.next() {}
        }
        return result
    }

    /// Runs the statements of a text one after another, until one fails.
    ///
    /// If no caller holds the connection, the script may begin and end transactions. If it leaves a transaction open,
    /// the transaction is rolled back, and the method throws.
    func executeScript(_ sql: String) throws(SQLiteError) {
        let text = try SQLText(sql)
        guard !isHeld else {
            // Deferred keys are checked when the transaction ends. SQLite resets the setting then.
            defer { restorePragmas(except: "defer_foreign_keys") }
            return try executeEach(text)
        }
        defer { restore() }
        lastRowID.beginStatement(isInTransaction: false)
        try executeEach(text)
        guard isAutocommit else {
            throw SQLiteError(
                .misuse,
                "the script began a transaction and did not end it; the transaction was rolled back")
        }
    }

    private func executeEach(_ text: SQLText) throws(SQLiteError) {
        var position = 0
        while position < text.bytes.count {
            let (statement, end) = try prepare(text, from: position, origin: .script, persistent: false)
            guard let statement else { return }
            try statement.bind([])
            while try statement.step() {}
            position = end
            dropTemporaries()
        }
    }

    /// Restores the connection after a script or a transaction, also after a failure.
    func restore() {
        rollbackIfOpen()
        dropTemporaries()
        // This comes after the transaction, because SQLite does not change all PRAGMAs within one.
        restorePragmas()
        authorizer.leftovers.pragmas = false
    }

    /// Restores the PRAGMAs that a script may have changed.
    private func restorePragmas(except exception: ExactText? = nil) {
        guard authorizer.leftovers.pragmas, let pragmas = authorizer.pragmas else { return }
        for name in ConnectionPragmas.scriptNames where name != exception {
            // The statement takes effect while it is prepared. It cannot fail for a value that was set at the opening.
            _ = try? control(pragmas.restoration(of: name))
        }
    }

    /// Drops the temporary tables of a transaction that is over.
    private func dropTemporaries() {
        guard authorizer.leftovers.temporaries, isAutocommit else { return }
        authorizer.leftovers.temporaries = false
        // SQLite drops the temporary database when `temp_store` changes.
        guard case .integer(let place)? = try? control("PRAGMA temp_store") else { return }
        _ = try? control("PRAGMA temp_store = \(place == 1 ? 2 : 1)")
        _ = try? control("PRAGMA temp_store = \(place)")
    }

    /// Begins a transaction that may write.
    func begin() throws(SQLiteError) {
        try runControl("BEGIN IMMEDIATE", keptIn: \.beginStatement)
    }

    /// Commits the open transaction.
    ///
    /// After a failure, the transaction may or may not be open.
    func commit() throws(SQLiteError) {
        try runControl("COMMIT", keptIn: \.commitStatement)
    }

    /// Runs a statement of this library: transaction control or a setting.
    ///
    /// - Returns: the first cell of its first row; nil if it has no row.
    @discardableResult
    func control(_ sql: String) throws(SQLiteError) -> SQLiteValue? {
        guard let statement = try prepare(SQLText(sql), from: 0, origin: .library, persistent: false).statement else {
            return nil
        }
        var cursor = SQLiteCursor(statement, arguments: [])
        let value = try cursor.next() ? cursor.value(0) : nil
        while try cursor.next() {}
        return value
    }

    private func runControl(
        _ sql: String, keptIn place: ReferenceWritableKeyPath<SQLiteConnection, SQLiteStatement?>
    ) throws(SQLiteError) {
        if self[keyPath: place] == nil {
            self[keyPath: place] = try prepare(SQLText(sql), from: 0, origin: .library, persistent: true).statement
        }
        guard let statement = self[keyPath: place] else { return }
        defer { statement.reset() }
        _ = try statement.step()
    }

    /// Rolls back the open transaction, if there is one.
    func rollbackIfOpen() {
        guard !isAutocommit else { return }
        // This can fail only if nothing is left to roll back.
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }
}

/// A text of SQL for SQLite.
private struct SQLText {
    let sql: String

    /// The text with a NUL after it, so that SQLite need not copy it.
    let bytes: [CChar]

    /// - Throws: `invalid` for a text that contains NUL, where SQLite would stop reading, or for a text that exceeds
    ///   SQLite's limit.
    init(_ sql: String) throws(SQLiteError) {
        guard sql.utf8.count < 1_000_000_000 else {
            throw SQLiteError(.tooBig, "the SQL text is too large")
        }
        guard !sql.utf8.contains(0) else {
            throw SQLiteError(.misuse, "the SQL text holds a NUL byte")
        }
        self.sql = sql
        bytes = Array(sql.utf8CString)
    }
}
