/// A transaction that you hold over several calls, while all other writes wait.
///
/// Keep the transaction short, and wait for nothing but the database in it. It ends with ``commit()`` or
/// ``rollback()``, which ``SQLiteDatabase/transaction(_:)`` calls for you. Otherwise it is rolled back, for example
/// when no call comes within ``SQLiteSettings/transactionIdleTimeout``, or when its last reference is released.
///
/// After its end, each of its calls throws an error.
public final class SQLiteTransaction: Sendable {
    private let database: SQLiteDatabase
    private let held: HeldTransaction
    private let isReadOnly: Bool

    init(_ database: SQLiteDatabase, _ held: HeldTransaction, isReadOnly: Bool) {
        self.database = database
        self.held = held
        self.isReadOnly = isReadOnly
    }

    deinit {
        database.writer.abandon(held)
    }

    /// Runs one statement, and ignores the rows that it returns.
    ///
    /// If the statement fails, SQLite may roll back the whole transaction.
    ///
    /// - Parameters:
    ///   - sql: one statement.
    ///   - arguments: a value for each parameter, in order. Default: none.
    /// - Returns: the number of changed rows, and the id of the last inserted row.
    /// - Throws: `SQLiteError` or `CancellationError`.
    public func execute(_ sql: String, _ arguments: [SQLiteValue] = []) async throws -> SQLiteChanges {
        let isReadOnly = isReadOnly
        let call = Call(sql, arguments, mode: .reading) { connection, call in
            if isReadOnly { try connection.checkReads(call.sql) }
            call.changes = try connection.execute(call.sql, call.arguments)
        }
        try await call.answer(submit: submit)
        return call.changes
    }

    /// Runs several statements of one text in order, until one fails.
    ///
    /// The text must not have parameters, or statements such as BEGIN and COMMIT. In a transaction that only reads,
    /// this method always throws an error.
    ///
    /// - Throws: `SQLiteError` or `CancellationError`.
    public func executeScript(_ sql: String) async throws {
        guard !isReadOnly else { throw SQLiteError.transactionOnlyReads }
        let call = Call(sql, mode: .several) { connection, call in try connection.executeScript(call.sql) }
        try await call.answer(submit: submit)
    }

    /// Runs one statement and returns its rows.
    ///
    /// A query sees the transaction's own changes.
    ///
    /// - Throws: `SQLiteError`, of kind `invalid` if the rows have more than ``SQLiteSettings/maxResultBytes`` bytes,
    ///   or `CancellationError`.
    public func query(_ sql: String, _ arguments: [SQLiteValue] = []) async throws -> SQLiteRows {
        let maxBytes = database.settings.maxResultBytes
        return try await query(sql, arguments) { cursor in try SQLiteRows(&cursor, maxBytes: maxBytes) }
    }

    /// Runs one statement, and calls `read` to read its rows.
    ///
    /// `read` runs on the writer's thread, and so delays all writes. It should compute little, and must not block.
    ///
    /// - Throws: `SQLiteError`, the error of `read`, or `CancellationError`.
    public func query<Result: Sendable>(
        _ sql: String, _ arguments: [SQLiteValue] = [],
        reading read: @escaping @Sendable (inout SQLiteCursor) throws -> Result
    ) async throws -> Result {
        let isReadOnly = isReadOnly
        return try await Call.value(sql, arguments, mode: .reading, submit: submit) { connection, call in
            if isReadOnly { try connection.checkReads(call.sql) }
            return try connection.query(call.sql, call.arguments, read)
        }
    }

    /// Checks that a statement can be prepared.
    ///
    /// - Throws: `SQLiteError`, for example because a table is missing or the transaction has ended; or
    ///   `CancellationError`.
    public func check(_ sql: String) async throws {
        let call = Call(sql, mode: .reading) { connection, call in _ = try connection.statement(call.sql) }
        try await call.answer(submit: submit)
    }

    private func submit(_ call: Call) throws(SQLiteError) {
        try database.writer.submit(call, in: held, isEnding: false)
    }
}

extension SQLiteTransaction {
    /// Ends the transaction and keeps its changes.
    ///
    /// If the commit fails, the transaction is rolled back. The call finishes even if the task is cancelled.
    ///
    /// After an error with the code `ioErrorFlush`, SQLite ignores the changes, but its write-ahead log may have them.
    /// If the process dies before the next commit, the database may have them when it is opened again.
    ///
    /// - Throws: `SQLiteError` if the commit fails, or if the transaction has ended already.
    public func commit() async throws {
        try await uncancelled { connection throws(SQLiteError) in
            do throws(SQLiteError) {
                try connection.commit()
            } catch {
                connection.rollbackIfOpen()
                throw error
            }
        }
    }

    /// Ends the transaction and drops its changes.
    ///
    /// The call finishes even if the task is cancelled.
    ///
    /// - Throws: `SQLiteError` if the transaction has ended already.
    public func rollback() async throws {
        try await uncancelled { connection throws(SQLiteError) in connection.rollbackIfOpen() }
    }

    /// Begins a part of the transaction that you can undo separately.
    ///
    /// Savepoints can nest, and you can use a name again.
    ///
    /// - Parameter name: one or more ASCII letters, digits and `_`.
    /// - Throws: `SQLiteError`, of kind `invalid` for any other name, or `CancellationError`.
    public func savepoint(_ name: String) async throws {
        let name = try checked(name)
        try await control("SAVEPOINT \(name)")
    }

    /// Undoes everything since the latest savepoint with this name, and keeps the savepoint.
    ///
    /// - Throws: `SQLiteError`, of kind `invalid` if there is no such savepoint, or `CancellationError`.
    public func rollback(to name: String) async throws {
        let name = try checked(name)
        try await control("ROLLBACK TO \(name)")
    }

    /// Removes the latest savepoint with this name and the savepoints inside it, and keeps their changes.
    ///
    /// - Throws: `SQLiteError`, of kind `invalid` if there is no such savepoint, or `CancellationError`.
    public func release(_ name: String) async throws {
        let name = try checked(name)
        try await control("RELEASE \(name)")
    }

    /// Runs `body` within a savepoint.
    ///
    /// If `body` throws, or if the savepoint cannot be released, the changes since the savepoint are undone, and this
    /// method throws the error. `body` must not end the transaction, or leave another savepoint of the same name open.
    public func savepoint<Result>(
        _ name: String, _ body: (SQLiteTransaction) async throws -> Result
    ) async throws -> Result {
        try await savepoint(name)
        do {
            let result = try await body(self)
            try await release(name)
            return result
        } catch {
            // This fails only if the transaction has ended, and the savepoint with it.
            let name = try checked(name)
            try? await uncancelled { connection throws(SQLiteError) in
                try connection.control("ROLLBACK TO \(name)")
                try connection.control("RELEASE \(name)")
            }
            throw error
        }
    }

    private func control(_ sql: String) async throws {
        let call = Call(sql, mode: .several) { connection, call in _ = try connection.control(call.sql) }
        try await call.answer(submit: submit)
    }

    private func uncancelled(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteError) -> Void
    ) async throws {
        let call = Call(mode: .several) { connection, _ in try body(connection) }
        try await call.answerUncancelled { call throws(SQLiteError) in
            try database.writer.submit(call, in: held, isEnding: true)
        }
    }

    private func checked(_ name: String) throws(SQLiteError) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
        }
        guard isPlain, !name.isEmpty else {
            throw SQLiteError(.misuse, "a savepoint's name must be ASCII letters, digits and '_'")
        }
        return "\"\(name)\""
    }
}

extension SQLiteDatabase {
    /// Begins a transaction.
    ///
    /// Prefer ``transaction(_:)``, which ends the transaction for you.
    ///
    /// - Parameters:
    ///   - synchronous: the lowest level at which the commit waits for the disk. The settings may have a higher level.
    ///     Default: nil, the level of the settings.
    ///   - isReadOnly: true if the transaction only reads. Then a statement that changes something fails with an error
    ///     of kind `invalid`. Default: false.
    /// - Throws: `SQLiteError`, of kind `unavailable` if another transaction or another process holds the database for
    ///   ``SQLiteSettings/busyTimeout``, or `CancellationError`.
    public func begin(
        synchronous: SQLiteSettings.Synchronous? = nil, isReadOnly: Bool = false
    ) async throws -> SQLiteTransaction {
        let held = HeldTransaction()
        let call = Call(mode: .begin(held), synchronous: synchronous) { connection, _ in try connection.begin() }
        try await call.answer(submit: writer.submit)
        return SQLiteTransaction(self, held, isReadOnly: isReadOnly)
    }

    /// Runs `body` in a transaction.
    ///
    /// If `body` returns, the changes are committed. If it throws, they are rolled back, and this method throws the
    /// same error.
    ///
    /// - Throws: `SQLiteError`, the error of `body`, or `CancellationError`.
    public func transaction<Result>(
        _ body: (SQLiteTransaction) async throws -> Result
    ) async throws -> Result {
        let transaction = try await begin()
        let result: Result
        do {
            result = try await body(transaction)
        } catch {
            // This fails only if the transaction has ended already.
            try? await transaction.rollback()
            throw error
        }
        try await transaction.commit()
        return result
    }
}
