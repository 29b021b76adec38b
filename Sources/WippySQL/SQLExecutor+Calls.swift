import WippyRuntime
import WippyValues

/// Statements as text of the program, with their arguments interpolated or listed.
extension SQLExecutor {
    /// Runs one statement and drops its rows, if it has any.
    @discardableResult
    public func execute(_ sql: SQL, _ arguments: [(any SQLArgument)?] = []) async throws -> SQLChanges {
        try await execute(sql.statement(arguments, placeholders: placeholders))
    }

    /// Runs the statements of a text one after another, up to the first that fails: a migration.
    ///
    /// Each is kept by itself, except between BEGIN and COMMIT in the text. Arguments are not allowed. Settings that it
    /// changes, as rebuilding a table needs, hold until its end.
    public func execute(script: SQL) async throws {
        try await execute(script: script.statement(placeholders: placeholders))
    }

    /// Runs one statement and gives its rows as values.
    public func rows(_ sql: SQL, _ arguments: [(any SQLArgument)?] = []) async throws -> SQLRows {
        try await rows(sql.statement(arguments, placeholders: placeholders), atMost: .max)
    }

    /// Runs one statement and decodes its rows: each key of the type is a column, or the type is one value and the
    /// first column.
    ///
    /// A column that is NULL, or that the query does not have, is nil for an optional. A whole number counts as true or
    /// false if it is 1 or 0.
    ///
    /// - Throws: also `Invalid`, with the row and the column, when a row does not fit the type.
    public func query<Row: Decodable>(
        _ sql: SQL, _ arguments: [(any SQLArgument)?] = [], as type: Row.Type = Row.self
    ) async throws -> [Row] {
        try await rows(sql, arguments).decoded(as: type)
    }

    /// Runs one statement and gives its first row, or nil if there is none; rows after it are not read.
    public func first(_ sql: SQL, _ arguments: [(any SQLArgument)?] = []) async throws -> SQLRow? {
        try await rows(sql.statement(arguments, placeholders: placeholders), atMost: 1).first
    }

    /// Runs one statement and decodes its first row, or gives nil if there is none; rows after it are not read.
    public func first<Row: Decodable>(
        _ sql: SQL, _ arguments: [(any SQLArgument)?] = [], as type: Row.Type
    ) async throws -> Row? {
        let rows = try await rows(sql.statement(arguments, placeholders: placeholders), atMost: 1)
        return try rows.decoded(as: type).first
    }

    /// Runs one statement and gives its rows as JSON text, written straight from the database's own buffers.
    public func json(_ sql: SQL, _ arguments: [(any SQLArgument)?] = []) async throws -> SQLJSON {
        try await json(sql.statement(arguments, placeholders: placeholders))
    }
}

/// Statements that a builder makes.
extension SQLExecutor {
    /// Runs the statement and drops its rows, if it has any.
    @discardableResult
    public func execute(_ builder: some SQLBuilder) async throws -> SQLChanges {
        try await execute(builder.statement(placeholders))
    }

    /// Runs the statement and gives its rows as values.
    public func rows(_ builder: some SQLBuilder) async throws -> SQLRows {
        try await rows(builder.statement(placeholders), atMost: .max)
    }

    /// Runs the statement and decodes its rows, as for a text.
    public func query<Row: Decodable>(_ builder: some SQLBuilder, as type: Row.Type = Row.self) async throws -> [Row] {
        try await rows(builder).decoded(as: type)
    }

    /// Runs the statement and gives its first row; nil if there is none.
    public func first(_ builder: some SQLBuilder) async throws -> SQLRow? {
        try await rows(builder.statement(placeholders), atMost: 1).first
    }

    /// Runs the statement and decodes its first row; nil if there is none.
    public func first<Row: Decodable>(_ builder: some SQLBuilder, as type: Row.Type) async throws -> Row? {
        try await rows(builder.statement(placeholders), atMost: 1).decoded(as: type).first
    }

    /// Runs the statement and gives its rows as JSON text.
    public func json(_ builder: some SQLBuilder) async throws -> SQLJSON {
        try await json(builder.statement(placeholders))
    }
}

extension SQLDatabase {
    /// Runs `body` in a transaction: kept when it returns, undone when it throws.
    ///
    /// The transaction has the database's one writer to itself, so `body` should be short, wait for nothing else, and
    /// make its changes through the transaction: a change that it makes through the database waits for the end of the
    /// transaction, and so for itself, until it is `Unavailable`.
    public func transaction<Result>(
        _ body: (any SQLTransaction) async throws -> Result
    ) async throws -> Result {
        let transaction = try await begin()
        let result: Result
        do {
            result = try await HeldDatabases.holding((transaction as? any QueueTransaction)?.database) {
                try await body(transaction)
            }
        } catch {
            // Fails only if the transaction is gone already.
            try? await transaction.rollback()
            throw error
        }
        try await transaction.commit()
        return result
    }
}
