import WippyRuntime
import WippyValues

/// Statements from literals, with interpolated values or a list of arguments.
extension SQLExecutor {
    /// Runs one statement and ignores its rows.
    ///
    /// Give the values in the literal, or as arguments for the parameters in its text.
    @discardableResult
    public func execute(_ sql: SQL, _ arguments: [(any SQLArgument)?] = []) async throws -> SQLChanges {
        try await execute(sql.statement(arguments, parameterStyle: parameterStyle))
    }

    /// Runs the statements of a script, such as a migration, in order.
    ///
    /// The script ends at the first statement that fails. Outside of a transaction, each statement has its own commit.
    /// If the script changes SQLite's setting `foreign_keys`, the end of the script undoes the change.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when the script has bound values; also the errors of a statement.
    public func execute(script: SQL) async throws {
        try await execute(script: script.statement(parameterStyle: parameterStyle))
    }

    /// Runs one statement and returns all of its rows as values.
    ///
    /// Give the values in the literal, or as arguments for the parameters in its text.
    public func rows(_ sql: SQL, _ arguments: [(any SQLArgument)?] = []) async throws -> SQLRows {
        try await rows(sql.statement(arguments, parameterStyle: parameterStyle), atMost: .max)
    }

    /// Runs one statement and decodes all of its rows.
    ///
    /// Give the values in the literal, or as arguments for the parameters in its text.
    ///
    /// Each key of the type reads the column with the same name. A type that is a single value reads the first column.
    /// An optional property is nil if the column is NULL or missing. The integers 1 and 0 also count as true and false.
    ///
    /// - Throws: `WippyError` of kind `Invalid`, with the row and the problem, when a row does not fit the type; also
    ///   the errors of ``SQLExecutor`` and of the type's own code.
    public func query<Row: Decodable>(
        _ sql: SQL, _ arguments: [(any SQLArgument)?] = [], as type: Row.Type = Row.self
    ) async throws -> [Row] {
        try await rows(sql, arguments).decoded(as: type)
    }

    /// Runs one statement and returns its first row; nil if the result has no rows.
    ///
    /// Give the values in the literal, or as arguments for the parameters in its text.
    public func first(_ sql: SQL, _ arguments: [(any SQLArgument)?] = []) async throws -> SQLRow? {
        try await rows(sql.statement(arguments, parameterStyle: parameterStyle), atMost: 1).first
    }

    /// Runs one statement and decodes its first row; nil if the result has no rows.
    ///
    /// Give the values in the literal, or as arguments for the parameters in its text.
    ///
    /// - Throws: the errors of ``query(_:_:as:)``.
    public func first<Row: Decodable>(
        _ sql: SQL, _ arguments: [(any SQLArgument)?] = [], as type: Row.Type
    ) async throws -> Row? {
        let rows = try await rows(sql.statement(arguments, parameterStyle: parameterStyle), atMost: 1)
        return try rows.decoded(as: type).first
    }

    /// Runs one statement and returns its rows as JSON text.
    ///
    /// Give the values in the literal, or as arguments for the parameters in its text.
    public func json(_ sql: SQL, _ arguments: [(any SQLArgument)?] = []) async throws -> SQLJSON {
        try await json(sql.statement(arguments, parameterStyle: parameterStyle))
    }
}

/// Statements from builders.
extension SQLExecutor {
    /// Runs the builder's statement and ignores its rows.
    @discardableResult
    public func execute(_ builder: some SQLBuilder) async throws -> SQLChanges {
        try await execute(builder.statement(parameterStyle))
    }

    /// Runs the builder's statement and returns all of its rows as values.
    public func rows(_ builder: some SQLBuilder) async throws -> SQLRows {
        try await rows(builder.statement(parameterStyle), atMost: .max)
    }

    /// Runs the builder's statement and decodes all of its rows.
    ///
    /// - Throws: the errors of ``query(_:_:as:)``.
    public func query<Row: Decodable>(_ builder: some SQLBuilder, as type: Row.Type = Row.self) async throws -> [Row] {
        try await rows(builder).decoded(as: type)
    }

    /// Runs the builder's statement and returns its first row; nil if the result has no rows.
    public func first(_ builder: some SQLBuilder) async throws -> SQLRow? {
        try await rows(builder.statement(parameterStyle), atMost: 1).first
    }

    /// Runs the builder's statement and decodes its first row; nil if the result has no rows.
    ///
    /// - Throws: the errors of ``query(_:_:as:)``.
    public func first<Row: Decodable>(_ builder: some SQLBuilder, as type: Row.Type) async throws -> Row? {
        try await rows(builder.statement(parameterStyle), atMost: 1).decoded(as: type).first
    }

    /// Runs the builder's statement and returns its rows as JSON text.
    public func json(_ builder: some SQLBuilder) async throws -> SQLJSON {
        try await json(builder.statement(parameterStyle))
    }
}

extension SQLDatabase {
    /// Runs `body` in a transaction.
    ///
    /// When `body` returns, the transaction is committed. If `body` throws, the transaction is rolled back.
    ///
    /// In SQLite, all other changes wait for the end of the transaction. So keep `body` short, and wait for nothing
    /// else in it. Make all changes through the transaction. A change through the database itself would wait for the
    /// end of `body`, while `body` waits for the change.
    ///
    /// - Throws: the error of ``begin()``, of `body` or of ``SQLTransaction/commit()``. After an error of `commit()`,
    ///   the changes may be kept all the same.
    public func transaction<Result>(
        _ body: (any SQLTransaction) async throws -> Result
    ) async throws -> Result {
        let transaction = try await begin()
        let result: Result
        do {
            let database = (transaction as? any QueueTransaction)?.database
            result = try await HeldDatabases.holding(database.map { [$0] } ?? []) { try await body(transaction) }
        } catch {
            // The rollback fails only if the transaction has ended already.
            try? await transaction.rollback()
            throw error
        }
        try await transaction.commit()
        return result
    }
}
