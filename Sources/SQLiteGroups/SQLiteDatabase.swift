import Synchronization

/// An SQLite database, with one connection that writes and usually several that only read.
///
/// Any number of tasks may call it at the same time. Statements run on the database's own threads.
///
/// **Writes** run one after another. Statements that insert, update or delete rows can share a transaction if they wait
/// at the same moment. A write that succeeds returns after its commit. A query whose statement changes something is a
/// write, too. Other writes that were called after such a query may run before it.
///
/// **Queries** can run beside the writes. A query sees everything that was committed before it was called.
///
/// **Connections** are shared. A `PRAGMA` or a temporary table that would change a connection for other callers fails
/// with `permissionDenied`.
///
/// **Cancellation**: a call that has not begun is withdrawn and throws `CancellationError`. A query that has begun may
/// be interrupted and throw the same error. A write that has begun is finished, and returns its real result. A write of
/// one statement, or the beginning of a transaction, has not begun while it waits for another process.
///
/// **Limits** are in ``SQLiteSettings``.
public final class SQLiteDatabase: Sendable {
    /// The settings with which the database was opened.
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

    /// Copies the contents of a database file to a new file.
    ///
    /// Others may use the file meanwhile. The call blocks the calling thread until the copy is written.
    ///
    /// - Parameters:
    ///   - settings: the file to copy and its options.
    ///   - path: the path of the new file. If the file exists, it must be empty.
    /// - Throws: `SQLiteError`, for example if the database has no file, or if the new file cannot be written.
    public static func copy(_ settings: SQLiteSettings, to path: String) throws(SQLiteError) {
        guard !settings.isInMemory else {
            throw SQLiteError(.misuse, kind: .invalid, "a database in memory has no file to copy")
        }
        let interruption = Interruption(time: .system, halt: HaltFlag())
        try SQLiteConnection.writing(settings, creates: false, interruption: interruption).copy(to: path)
    }

    /// Opens the database.
    ///
    /// The file and the folders above it are created if they are missing.
    ///
    /// - Parameters:
    ///   - settings: the file and its options.
    ///   - wakeUp: wakes the writer's thread for new calls; see ``WakeUp``. The calls of an open transaction wake the
    ///     thread themselves. Default: the thread wakes at once.
    /// - Throws: `SQLiteError` or `CancellationError`.
    public static func open(
        _ settings: SQLiteSettings, wakingUp wakeUp: @escaping WakeUp = { $0() }
    ) async throws -> SQLiteDatabase {
        try await open(settings, wakingUp: wakeUp, time: .system)
    }

    /// Receives a closure that wakes the writer's thread.
    ///
    /// The receiver must call the closure exactly once, soon, on any thread. An executor that runs one task after
    /// another should call the closure after it has run all tasks that are ready, so that the calls of these tasks can
    /// share a commit.
    public typealias WakeUp = @Sendable (@escaping @Sendable () -> Void) -> Void

    static func open(
        _ settings: SQLiteSettings, wakingUp wakeUp: @escaping WakeUp = { $0() }, time: TimeSource
    ) async throws -> SQLiteDatabase {
        try settings.validate()
        do {
            return try await openUnlessCancelled(settings, wakingUp: wakeUp, time: time)
        } catch {
            // The cancellation has ended the wait for a lock, or a statement of the opening.
            throw Task.isCancelled ? CancellationError() : error
        }
    }

    private static func openUnlessCancelled(
        _ settings: SQLiteSettings, wakingUp wakeUp: @escaping WakeUp, time: TimeSource
    ) async throws -> SQLiteDatabase {
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
        // The database may be open although the task was cancelled. Then it would interrupt every call.
        guard !halt.isSet else {
            await database.close()
            throw CancellationError()
        }
        return database
    }

    /// Closes the database, and returns when the file is closed.
    ///
    /// The queued calls are done first. An open transaction goes on until it ends. Other new calls may throw
    /// `unavailable`. You can call this method several times.
    ///
    /// If the task is cancelled, queued calls are refused, running calls are interrupted, and an open transaction is
    /// rolled back.
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
    /// Runs one statement, and ignores the rows that it returns.
    ///
    /// - Parameters:
    ///   - sql: one statement.
    ///   - arguments: a value for each parameter, in order. Default: none.
    ///   - synchronous: the lowest level at which the commit waits for the disk. The settings may have a higher level.
    ///     Default: nil, the level of the settings.
    /// - Returns: the number of changed rows, and the id of the last inserted row.
    /// - Throws: `SQLiteError` or `CancellationError`.
    public func execute(
        _ sql: String, _ arguments: [SQLiteValue] = [], synchronous: SQLiteSettings.Synchronous? = nil
    ) async throws -> SQLiteChanges {
        let call = Call(sql, arguments, mode: .statement, synchronous: synchronous) { connection, call in
            call.changes = try connection.execute(call.sql, call.arguments)
        }
        try await call.answer(submit: writer.submit)
        return call.changes
    }

    /// Runs several statements of one text in order, until one fails.
    ///
    /// Each statement commits by itself, except within a transaction that the text begins. If the text leaves a
    /// transaction open, the transaction is rolled back, and the call throws. Parameters are not allowed. The script
    /// may change `foreign_keys`, `defer_foreign_keys` and `legacy_alter_table`. They are reset when it ends, even if
    /// it fails.
    ///
    /// - Throws: `SQLiteError` or `CancellationError`.
    public func executeScript(_ sql: String) async throws {
        let call = Call(sql, mode: .several) { connection, call in try connection.executeScript(call.sql) }
        try await call.answer(submit: writer.submit)
    }

    /// Runs one statement and returns its rows.
    ///
    /// - Parameters:
    ///   - sql: one statement.
    ///   - arguments: a value for each parameter, in order. Default: none.
    /// - Throws: `SQLiteError`, of kind `invalid` if the rows have more than ``SQLiteSettings/maxResultBytes`` bytes,
    ///   or `CancellationError`.
    public func query(_ sql: String, _ arguments: [SQLiteValue] = []) async throws -> SQLiteRows {
        let maxBytes = settings.maxResultBytes
        return try await Call.value(sql, arguments, mode: .statement, submit: submitQuery) { connection, call in
            try connection.query(call.sql, call.arguments) { cursor in try SQLiteRows(&cursor, maxBytes: maxBytes) }
        }
    }

    /// Runs one statement, and calls `read` to read its rows one by one, without a copy.
    ///
    /// `read` runs on a thread of the database, which runs nothing else meanwhile. So `read` should compute little and
    /// must not block.
    ///
    /// - Throws: `SQLiteError`, the error of `read`, or `CancellationError`.
    public func query<Result: Sendable>(
        _ sql: String, _ arguments: [SQLiteValue] = [],
        reading read: @escaping @Sendable (inout SQLiteCursor) throws -> Result
    ) async throws -> Result {
        try await Call.value(sql, arguments, mode: .reading, submit: submitQuery) { connection, call in
            try connection.query(call.sql, call.arguments, read)
        }
    }

    /// Checks that a statement can be prepared.
    ///
    /// - Throws: `SQLiteError` if the statement cannot be prepared, for example because a table is missing, or
    ///   `CancellationError`.
    public func check(_ sql: String) async throws {
        let call = Call(sql, mode: .reading) { connection, call in _ = try connection.statement(call.sql) }
        try await call.answer(submit: writer.submit)
    }

    /// Runs one statement that changes rows, and calls `read` to read the rows that it returns.
    ///
    /// `read` runs on the writer's thread. The statement can share a transaction with other writes, as in
    /// ``execute(_:_:synchronous:)``. If the shared transaction is rolled back, the statement and `read` run again. So
    /// `read` must not change anything outside of itself.
    ///
    /// - Parameters:
    ///   - sql: one statement.
    ///   - arguments: a value for each parameter, in order. Default: none.
    ///   - synchronous: as in ``execute(_:_:synchronous:)``.
    ///   - read: reads the rows. It should compute little and must not block.
    /// - Throws: `SQLiteError`, the error of `read`, or `CancellationError`.
    public func change<Result: Sendable>(
        _ sql: String, _ arguments: [SQLiteValue] = [], synchronous: SQLiteSettings.Synchronous? = nil,
        reading read: @escaping @Sendable (inout SQLiteCursor) throws -> Result
    ) async throws -> Result {
        try await Call.value(
            sql, arguments, mode: .statement, synchronous: synchronous, submit: writer.submit
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
