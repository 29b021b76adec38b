import Synchronization

/// An SQLite database: one connection that writes, and several that read beside it.
///
/// Any number of tasks may call at the same time. No call blocks: statements run on the database's own threads, and
/// each caller resumes on its own executor.
///
/// **Writes** run one after another, in the order of the calls. Writes that wait at the same moment share one
/// transaction. Callers do not notice it: a failed statement undoes only itself, and each call returns after the
/// commit. A query whose statement changes something is a write.
///
/// **Queries** run beside the writes, and see everything that was committed before they were called.
///
/// **Connections** are shared, so a statement leaves nothing behind. A `PRAGMA` that would change the connection is
/// `permissionDenied`, and so is a temporary table outside a transaction. In a transaction they end with it.
///
/// **Cancellation**: a call that has not begun is withdrawn and throws `CancellationError`. A query that has begun is
/// interrupted and throws it too. A write that has begun is finished, and returns its true result.
///
/// **Limits** are in `SQLiteSettings`. A call past one throws `SQLiteError`; `isRetryable` says whether the same call
/// may succeed later.
public final class SQLiteDatabase: Sendable {
    /// How the database was opened.
    public let settings: SQLiteSettings

    let writer: Writer
    private let readers: ReaderPool

    private init(_ settings: SQLiteSettings, writer: Writer, readers: ReaderPool) {
        self.settings = settings
        self.writer = writer
        self.readers = readers
    }

    deinit {
        halt()
    }

    /// Opens the database.
    ///
    /// Creates its file, and the folders above it, if they are missing.
    ///
    /// - Parameters:
    ///   - settings: The file and its options.
    ///   - wakeUp: When to wake the writer's thread for the first call that finds it asleep; at once by default.
    /// - Throws: `SQLiteError`: `invalid` for settings out of range, `permissionDenied` if the file cannot be created
    ///   or written, `internal` if it is no database, `unavailable` if another process holds it too long.
    public static func open(
        _ settings: SQLiteSettings, wakingUp wakeUp: @escaping WakeUp = { $0() }
    ) async throws -> SQLiteDatabase {
        try await open(settings, wakingUp: wakeUp, time: .system)
    }

    /// Receives a closure that wakes the writer's thread; must call it exactly once, soon, on any thread.
    ///
    /// An executor that runs one task after another calls it after the tasks that are ready. Then the calls of these
    /// tasks join the same group, and the thread is not woken in the middle of them.
    public typealias WakeUp = @Sendable (@escaping @Sendable () -> Void) -> Void

    static func open(
        _ settings: SQLiteSettings, wakingUp wakeUp: @escaping WakeUp = { $0() }, time: TimeSource
    ) async throws -> SQLiteDatabase {
        try settings.validate()
        let halt = HaltFlag()
        let database = try await withTaskCancellationHandler {
            let writer = try await Writer.open(settings, wakingUp: wakeUp, time: time, halt: halt)
            let readers = ReaderPool(settings, time: time, writer: writer)
            let database = SQLiteDatabase(settings, writer: writer, readers: readers)
            do {
                for _ in 0..<(settings.isInMemory ? 0 : settings.readers) {
                    try await readers.addReader()
                }
            } catch {
                await database.close()
                throw error
            }
            return database
        } onCancel: {
            halt.set()
        }
        // It may have opened all the same, and would interrupt whatever it is given.
        guard !halt.isSet else {
            await database.close()
            throw CancellationError()
        }
        return database
    }

    /// Closes the database after everything queued is done.
    ///
    /// An open transaction may end first.
    ///
    /// New calls are `unavailable` at once. If the task is cancelled, queued calls are refused, running ones are
    /// interrupted, and an open transaction is rolled back. Returns when the file is closed. You can call this several
    /// times.
    public func close() async {
        await withTaskCancellationHandler {
            readers.stop(refusingQueued: false)
            await readers.ended()
            writer.stop(refusingQueued: false)
            await writer.ended()
        } onCancel: {
            halt()
        }
    }

    private func halt() {
        writer.stop(refusingQueued: true)
        readers.stop(refusingQueued: true)
    }
}

extension SQLiteDatabase {
    /// Runs one statement and returns what it has changed.
    ///
    /// Its rows are ignored.
    ///
    /// - Parameters:
    ///   - sql: One statement.
    ///   - arguments: A value for each placeholder, in order.
    ///   - synchronous: How far its commit waits for the disk at least, whatever the settings say. Other calls in the
    ///     same commit wait with it.
    /// - Throws: `SQLiteError`, or `CancellationError` if the task was cancelled before the statement began.
    public func execute(
        _ sql: String, _ arguments: [SQLiteValue] = [], synchronous: SQLiteSettings.Synchronous? = nil
    ) async throws -> SQLiteChanges {
        let call = Call(sql, arguments, manner: .statement, synchronous: synchronous) { connection, call in
            call.changes = try connection.execute(call.sql, call.arguments)
        }
        try await call.answer(submit: writer.submit)
        return call.changes
    }

    /// Runs several statements of one text in order, up to the first that fails.
    ///
    /// Each commits by itself, except between BEGIN and COMMIT in the text. A transaction that the text leaves open is
    /// rolled back, and is an error. Placeholders are not allowed. The script may change `foreign_keys`,
    /// `defer_foreign_keys` and `legacy_alter_table`, which are reset when it ends in any way.
    public func executeScript(_ sql: String) async throws {
        let call = Call(sql, manner: .several) { connection, call in try connection.executeScript(call.sql) }
        try await call.answer(submit: writer.submit)
    }

    /// Runs one statement and returns its rows, which may have `SQLiteSettings.resultBytesMax` bytes together.
    public func query(_ sql: String, _ arguments: [SQLiteValue] = []) async throws -> SQLiteRows {
        let bytesMax = settings.resultBytesMax
        return try await Call.value(sql, arguments, manner: .statement, submit: submitQuery) { connection, call in
            try connection.query(call.sql, call.arguments) { cursor in try SQLiteRows(&cursor, bytesMax: bytesMax) }
        }
    }

    /// Runs one statement and lets `read` take its rows one by one, without a copy, on the reader's thread.
    ///
    /// The thread waits for `read`, and so do all other writes if the statement changes something. So `read` should
    /// compute little and must not block. An error from `read` is thrown here.
    public func query<Result: Sendable>(
        _ sql: String, _ arguments: [SQLiteValue] = [],
        reading read: @escaping @Sendable (inout SQLiteCursor) throws -> Result
    ) async throws -> Result {
        try await Call.value(sql, arguments, manner: .reading, submit: submitQuery) { connection, call in
            try connection.query(call.sql, call.arguments, read)
        }
    }

    /// Prepares a statement without running it.
    ///
    /// - Throws: the errors of running it, except those of its arguments.
    public func check(_ sql: String) async throws {
        let call = Call(sql, manner: .reading) { connection, call in _ = try connection.statement(call.sql) }
        try await call.answer(submit: writer.submit)
    }

    /// Runs one statement that changes rows, and lets `read` take the rows that it returns, on the writer's thread.
    ///
    /// It shares a commit as `execute` does. So it may run a second time after the first run was undone, and `read`
    /// must keep nothing but its result.
    ///
    /// - Parameters:
    ///   - sql: One statement.
    ///   - arguments: A value for each placeholder, in order.
    ///   - synchronous: As for `execute`.
    ///   - read: Takes the rows.
    public func change<Result: Sendable>(
        _ sql: String, _ arguments: [SQLiteValue] = [], synchronous: SQLiteSettings.Synchronous? = nil,
        reading read: @escaping @Sendable (inout SQLiteCursor) throws -> Result
    ) async throws -> Result {
        try await Call.value(
            sql, arguments, manner: .statement, synchronous: synchronous, submit: writer.submit
        ) { connection, call in
            try connection.query(call.sql, call.arguments, read)
        }
    }

    private func submitQuery(_ call: Call) throws(SQLiteError) {
        if settings.isInMemory || settings.readers == 0 {
            try writer.submit(call)
        } else {
            try readers.submit(call)
        }
    }
}
