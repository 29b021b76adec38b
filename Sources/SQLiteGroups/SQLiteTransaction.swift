/// A transaction that its owner holds over several calls, with the writing connection to itself.
///
/// Everybody else's writes wait for it, so it should be short and wait for nothing but the database. It ends by
/// `commit()` or `rollback()`, which `SQLiteDatabase.transaction(_:)` calls by itself; and it is rolled back when no
/// call comes for `SQLiteSettings.transactionIdleTimeout`, when SQLite has to undo it because of an error, when
/// nothing refers to it any more, and when closing the database is cut short. From then on its calls throw:
/// `unavailable` if beginning it again may help, otherwise `invalid`.
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

    /// Runs one statement and returns what it changed.
    ///
    /// A statement that fails undoes only itself, unless SQLite rolls back the transaction because of it.
    public func execute(_ sql: String, _ arguments: [SQLiteValue] = []) async throws -> SQLiteChanges {
        let isReadOnly = isReadOnly
        let call = Call(sql, arguments, manner: .reading) { connection, call in
            if isReadOnly { try connection.checkReads(call.sql) }
            call.changes = try connection.execute(call.sql, call.arguments)
        }
        try await call.answer(submit: submit)
        return call.changes
    }

    /// Runs the statements of a text one after another, up to the first that fails; BEGIN and the like are `invalid`.
    public func executeScript(_ sql: String) async throws {
        guard !isReadOnly else { throw SQLiteError.transactionOnlyReads }
        let call = Call(sql, manner: .several) { connection, call in try connection.executeScript(call.sql) }
        try await call.answer(submit: submit)
    }

    /// Runs one statement and returns its rows, which include what the transaction has changed so far.
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
    /// If that fails it is rolled back. Finished even if the task is cancelled, so that the answer is the truth.
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

    /// Drops the changes and ends the transaction, even if the task is cancelled.
    public func rollback() async throws {
        try await uncancelled { connection throws(SQLiteError) in connection.rollbackIfOpen() }
    }

    /// Begins a part that can be undone by itself.
    ///
    /// Savepoints may be nested, and a name used again.
    ///
    /// - Throws: `invalid` for a name with anything but ASCII letters, digits and `_`.
    public func savepoint(_ name: String) async throws {
        let name = try checked(name)
        try await control("SAVEPOINT \(name)")
    }

    /// Undoes everything since the savepoint of that name, which stays.
    public func rollback(to name: String) async throws {
        let name = try checked(name)
        try await control("ROLLBACK TO \(name)")
    }

    /// Forgets the savepoint and those within it, and keeps their changes.
    public func release(_ name: String) async throws {
        let name = try checked(name)
        try await control("RELEASE \(name)")
    }

    /// Runs `body` within a savepoint, which is undone if `body` throws.
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
    /// Begins a transaction, after the writes that were called before.
    ///
    /// Prefer `transaction(_:)`, which cannot forget to end it.
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

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
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
