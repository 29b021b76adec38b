import CWippySQLite
import WippyText

/// One connection to a database file.
///
/// Not `Sendable`: made, used and released by one thread.
final class SQLiteConnection {
    /// When the running statement is to give up.
    let interruption: Interruption

    private let handle: OpaquePointer
    private let authorizer: StatementAuthorizer
    private let statements: StatementCache
    private let lastRowID: LastRowID
    private var beginStatement: SQLiteStatement?
    private var commitStatement: SQLiteStatement?
    private var checkpoints: Checkpoints?
    private var synchronous = (settings: SQLiteSettings.Synchronous.normal, now: SQLiteSettings.Synchronous.normal)

    /// Sets the library up once; in a program that has used it before, it stays as it is.
    private static let libraryIsSet = wippy_sqlite_count_no_memory() == SQLITE_OK

    /// Opens the file, or makes it if `flags` say so.
    init(path: String, flags: CInt, statementsMax: Int, interruption: Interruption) throws(SQLiteError) {
        _ = Self.libraryIsSet
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            throw SQLiteError.last(code, of: opened)
        }
        handle = opened
        statements = StatementCache(countMax: statementsMax)
        lastRowID = LastRowID(of: opened)
        authorizer = StatementAuthorizer()
        self.interruption = interruption
        sqlite3_extended_result_codes(opened, 1)
        authorizer.attach(to: opened)
        interruption.attach(to: opened)
    }

    deinit {
        // Statements first: the connection closes, with a checkpoint, when the last of them is gone.
        (beginStatement, commitStatement) = (nil, nil)
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Refuses texts and blobs that are longer: they could not be read, and cost memory where a statement makes one.
    func limitValues(to bytesMax: Int) {
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, CInt(clamping: bytesMax))
    }

    /// Whether the file can only be read.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    /// Whether a caller has the connection to itself until its transaction ends.
    var isHeld: Bool {
        get { authorizer.isHeld }
        set {
            authorizer.isHeld = newValue
            lastRowID.beginStatement(isInTransaction: false)
        }
    }

    /// Has statements judged by the PRAGMAs as they are now, those of `settings` and this library's own.
    func notePragmas(of settings: SQLiteSettings) throws(SQLiteError) {
        synchronous = (settings.synchronous, settings.synchronous)
        authorizer.pragmas = try ConnectionPragmas(settings) { sql throws(SQLiteError) in try control(sql) }
    }

    /// Has the next commits wait for the disk as far as the settings say, and as far as one of the calls asks.
    ///
    /// To be called where no transaction is open, within which SQLite would not change it.
    func commitsWait(for calls: [Call]) {
        var wanted = synchronous.settings
        for call in calls {
            if let asked = call.synchronous, asked.number > wanted.number { wanted = asked }
        }
        guard wanted != synchronous.now else { return }
        // Takes place while it is prepared, without the file.
        guard (try? control("PRAGMA synchronous = \(wanted.rawValue)")) != nil else { return }
        synchronous.now = wanted
    }

    /// Whether no transaction is open.
    var isAutocommit: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// Lets `checkpoints` move the write-ahead log.
    func make(_ checkpoints: Checkpoints) {
        checkpoints.attach(to: handle)
        self.checkpoints = checkpoints
    }

    /// Moves the whole write-ahead log into the database and gives its room back, unless a reader or another process is
    /// in the way.
    ///
    /// - Returns: Whether it has.
    func emptyWAL() -> Bool {
        interruption.waitForLocks(atMost: 0)
        return sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil) == SQLITE_OK
    }

    /// Whether the file was renamed, removed or replaced since it was opened.
    var hasMoved: Bool {
        var moved: CInt = 0
        let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code == SQLITE_OK && moved != 0
    }
}

extension SQLiteConnection {
    /// The statement of that text, prepared now or before.
    ///
    /// - Throws: `invalid` for a text that is not exactly one statement.
    func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let kept = statements[sql] { return kept }
        let prepared = try prepareOnly(sql)
        statements.add(prepared)
        return prepared
    }

    /// Makes sure that a statement changes nothing.
    func checkReads(_ sql: String) throws(SQLiteError) {
        guard try statement(sql).effect == .reads else { throw .transactionOnlyReads }
    }

    /// Lets the statement go that was prepared last, if it is not worth keeping.
    func letGo() { statements.letGo() }

    /// How many prepared statements are kept, and how many bytes they take.
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
    /// - Returns: The statement, or nil if only white space and comments are left, and where it ends.
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
            prepared, sql: text.sql, effect: effect, inserts: authorizer.inserts, isLasting: authorizer.isLasting)
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
        // The count of a statement that changed nothing would be that of an earlier one.
        let hasChanged = statement.effect != .reads && sqlite3_total_changes64(handle) != changesBefore
        return SQLiteChanges(
            rowsAffected: hasChanged ? Int(sqlite3_changes64(handle)) : 0,
            lastInsertRowID: hasChanged && statement.inserts ? lastRowID.current : 0)
    }

    /// Runs one statement while `read` takes its rows, and then to its end.
    func query<Result>(
        _ sql: String, _ arguments: [SQLiteValue], _ read: (inout SQLiteCursor) throws -> Result
    ) throws -> Result {
        defer { letGo() }
        let statement = try statement(sql)
        lastRowID.beginStatement(isInTransaction: isHeld)
        guard statement.effect == .changesRows else { return try rows(of: statement, arguments, read) }
        // When `read` throws, the change is complete but for its rows: it has to be undone by hand.
        try control("SAVEPOINT change")
        do {
            let result = try rows(of: statement, arguments, read)
            try control("RELEASE change")
            return result
        } catch {
            // Fails only if the transaction is gone, and the savepoint with it.
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

    /// Runs the statements of a text one after another, up to the first that fails.
    ///
    /// Unless a caller holds the connection, the script may begin and end transactions. One that it leaves open is
    /// rolled back, and that is an error.
    func executeScript(_ sql: String) throws(SQLiteError) {
        let text = try SQLText(sql)
        guard !isHeld else {
            // What is put off is checked when the transaction ends, and SQLite ends the setting then.
            defer { restorePragmas(except: "defer_foreign_keys") }
            return try executeEach(text)
        }
        defer { restore() }
        lastRowID.beginStatement(isInTransaction: false)
        try executeEach(text)
        guard isAutocommit else {
            throw SQLiteError(
                .misuse,
                "the script began a transaction and did not end it; the transaction was "
                    + "rolled back")
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

    /// Makes the connection again what it was before a script or a transaction, however that has ended.
    func restore() {
        rollbackIfOpen()
        dropTemporaries()
        // After the transaction: SQLite would not change all of them within one.
        restorePragmas()
        authorizer.leftovers.pragmas = false
    }

    /// Sets again what a script may have changed.
    private func restorePragmas(except exception: ExactText? = nil) {
        guard authorizer.leftovers.pragmas, let pragmas = authorizer.pragmas else { return }
        for name in ConnectionPragmas.scriptNames where name != exception {
            // Takes place while it is prepared, and cannot fail for what was set at the opening.
            _ = try? control(pragmas.restoration(of: name))
        }
    }

    /// Drops what a transaction that is over has made for itself.
    private func dropTemporaries() {
        guard authorizer.leftovers.temporaries, isAutocommit else { return }
        authorizer.leftovers.temporaries = false
        // SQLite drops the temporary database when its place changes.
        guard case .integer(let place)? = try? control("PRAGMA temp_store") else { return }
        _ = try? control("PRAGMA temp_store = \(place == 1 ? 2 : 1)")
        _ = try? control("PRAGMA temp_store = \(place)")
    }

    /// Begins a transaction that may write.
    func begin() throws(SQLiteError) {
        try runControl("BEGIN IMMEDIATE", keptIn: \.beginStatement)
    }

    /// Keeps the open transaction's changes.
    ///
    /// If that fails, the transaction may or may not be open still.
    func commit() throws(SQLiteError) {
        try runControl("COMMIT", keptIn: \.commitStatement)
    }

    /// Runs a statement of the library's own: transaction control or a setting.
    ///
    /// - Returns: The first cell of its first row, if it has one.
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

    /// Ends an open transaction without keeping its changes.
    func rollbackIfOpen() {
        guard !isAutocommit else { return }
        // Its only failure is that there is nothing left to roll back.
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }
}

/// A text for SQLite to read.
private struct SQLText {
    let sql: String

    /// The text and the NUL after it, which spares SQLite a copy.
    let bytes: [CChar]

    /// - Throws: `invalid` for a text with NUL in it, where SQLite would stop reading, or one past SQLite's limit.
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
