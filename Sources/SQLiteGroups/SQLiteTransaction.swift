/// A transaction that its owner holds over several calls.
///
/// It has the writing connection to itself.
///
/// All other writes wait for it, so keep it short, and wait for nothing but the database. It ends with `commit()` or
/// `rollback()`, which `SQLiteDatabase.transaction(_:)` calls for you. It is also rolled back when no call comes for
/// `SQLiteSettings.transactionIdleTimeout`, when SQLite undoes it because of an error, when nothing refers to it any
/// more, and when closing the database is cancelled. After that its calls throw: `unavailable` if a new transaction may
/// succeed, otherwise `invalid`.
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

    /// Runs one statement and returns what it has changed.
    ///
    /// A failed statement undoes only itself, unless SQLite rolls back the transaction because of it.
    public func execute(_ sql: String, _ arguments: [SQLiteValue] = []) async throws -> SQLiteChanges {
        let isReadOnly = isReadOnly
        let call = Call(sql, arguments, manner: .reading) { connection, call in
            if isReadOnly { try connection.checkReads(call.sql) }
            call.changes = try connection.execute(call.sql, call.arguments)
        }
        try await call.answer(submit: submit)
        return call.changes
    }

    /// Runs several statements of one text in order, up to the first that fails.
    ///
    /// BEGIN and the like are `invalid`.
    public func executeScript(_ sql: String) async throws {
        guard !isReadOnly else { throw SQLiteError.transactionOnlyReads }
        let call = Call(sql, manner: .several) { connection, call in try connection.executeScript(call.sql) }
        try await call.answer(submit: submit)
    }

    /// Runs one statement and returns its rows, which include the transaction's own changes.
    public func query(_ sql: String, _ arguments: [SQLiteValue] = []) async throws -> SQLiteRows {
        let bytesMax = database.settings.resultBytesMax
        return try await query(sql, arguments) { cursor in try SQLiteRows(&cursor, bytesMax: bytesMax) }
    }

    /// Runs one statement and lets `read` take its rows on the writer's thread.
    public func query<Result: Sendable>(
        _ sql: String, _ arguments: [SQLiteValue] = [],
        reading read: @escaping @Sendable (inout SQLiteCursor) throws -> Result
    ) async throws -> Result {
        let isReadOnly = isReadOnly
        return try await Call.value(sql, arguments, manner: .reading, submit: submit) { connection, call in
            if isReadOnly { try connection.checkReads(call.sql) }
            return try connection.query(call.sql, call.arguments, read)
        }
    }

    /// Prepares a statement without running it.
    public func check(_ sql: String) async throws {
        let call = Call(sql, manner: .reading) { connection, call in _ = try connection.statement(call.sql) }
        try await call.answer(submit: submit)
    }

    private func submit(_ call: Call) throws(SQLiteError) { try database.writer.submit(call, in: held) }
}

extension SQLiteTransaction {
    /// Keeps the changes and ends the transaction.
    ///
    /// If that fails, the transaction is rolled back. It finishes even if the task is cancelled, so the result is
    /// certain.
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

    /// Drops the changes and ends the transaction.
    ///
    /// It finishes even if the task is cancelled.
    public func rollback() async throws {
        try await uncancelled { connection throws(SQLiteError) in connection.rollbackIfOpen() }
    }

    /// Begins a part of the transaction that you can undo alone.
    ///
    /// Savepoints can nest, and a name can be used again.
    ///
    /// - Throws: `invalid` for a name with anything but ASCII letters, digits and `_`.
    public func savepoint(_ name: String) async throws {
        let name = try checked(name)
        try await control("SAVEPOINT \(name)")
    }

    /// Undoes everything since the savepoint with that name.
    ///
    /// The savepoint stays.
    public func rollback(to name: String) async throws {
        let name = try checked(name)
        try await control("ROLLBACK TO \(name)")
    }

    /// Removes the savepoint and those inside it, and keeps their changes.
    public func release(_ name: String) async throws {
        let name = try checked(name)
        try await control("RELEASE \(name)")
    }

    /// Runs `body` within a savepoint.
    ///
    /// If `body` throws, only this part is undone.
    public func savepoint<Result>(
        _ name: String, _ body: (SQLiteTransaction) async throws -> Result
    ) async throws -> Result {
        try await savepoint(name)
        do {
            let result = try await body(self)
            try await release(name)
            return result
        } catch {
            // Fails only if the transaction is gone, which undoes the savepoint too.
            let name = try checked(name)
            try? await uncancelled { connection throws(SQLiteError) in
                try connection.control("ROLLBACK TO \(name)")
                try connection.control("RELEASE \(name)")
            }
            throw error
        }
    }

    private func control(_ sql: String) async throws {
        let call = Call(sql, manner: .several) { connection, call in _ = try connection.control(call.sql) }
        try await call.answer(submit: submit)
    }

    private func uncancelled(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteError) -> Void
    ) async throws {
        let call = Call(manner: .several) { connection, _ in try body(connection) }
        try await call.answerUncancelled(submit: submit)
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
    /// Writes called before it come first.
    ///
    /// Prefer `transaction(_:)`, which always ends it.
    ///
    /// - Parameters:
    ///   - synchronous: How far its commit waits for the disk at least, whatever the settings say.
    ///   - isReadOnly: Whether statements that change something are `invalid`.
    /// - Throws: `unavailable` if another transaction, or another process, holds the database for
    ///   `SQLiteSettings.busyTimeout`.
    public func begin(
        synchronous: SQLiteSettings.Synchronous? = nil, isReadOnly: Bool = false
    ) async throws -> SQLiteTransaction {
        let held = HeldTransaction()
        let call = Call(manner: .begin(held), synchronous: synchronous) { connection, _ in try connection.begin() }
        try await call.answer(submit: writer.submit)
        return SQLiteTransaction(self, held, isReadOnly: isReadOnly)
    }

    /// Runs `body` in a transaction.
    ///
    /// If `body` returns, the changes are committed; if it throws, they are rolled back.
    public func transaction<Result>(
        _ body: (SQLiteTransaction) async throws -> Result
    ) async throws -> Result {
        let transaction = try await begin()
        let result: Result
        do {
            result = try await body(transaction)
        } catch {
            // Fails only if the transaction is gone already.
            try? await transaction.rollback()
            throw error
        }
        try await transaction.commit()
        return result
    }
}
