public import WippyRuntime
import WippyValues

/// A database, for handlers.
///
/// ```swift
/// struct ListTasks: HTTPHandler {
///     let database: Database
///
///     init(_ context: HandlerContext) throws {
///         database = try context.database("db")
///     }
///     …
///     let tasks = try await database.query("SELECT id, status FROM tasks WHERE status = \(status)", as: Task.self)
/// }
/// ```
///
/// Write a statement as a literal (``SQL``); its interpolated values become arguments. Or build it with ``SelectRows``,
/// ``InsertRows``, ``UpdateRows`` or ``DeleteRows``. Any number of tasks can use the database at the same time.
public struct Database: SQLDatabase {
    private let link: Link<any SQLDatabase>

    /// Creates a database that passes every call on to the link's target.
    public init(link: Link<any SQLDatabase>) {
        self.link = link
    }

    /// The style of the parameters in the database's statements.
    public var parameterStyle: SQLParameterStyle { link.target.parameterStyle }

    /// The database's product, such as SQLite.
    public var product: SQLProduct { link.target.product }

    /// The number of open connections, and the largest number that the database opens.
    public var connections: SQLConnections { link.target.connections }

    /// Checks a statement without running it.
    public func check(_ text: String) async throws { try await link.target.check(text) }

    /// Runs one statement and ignores its rows.
    @discardableResult
    public func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        try await link.target.execute(statement)
    }

    /// Runs the statements of a script in order, and stops at the first that fails.
    public func execute(script: SQLStatement) async throws {
        try await link.target.execute(script: script)
    }

    /// Runs one statement and returns at most `maxRows` of its rows.
    public func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await link.target.rows(statement, atMost: maxRows)
    }

    /// Runs one statement and returns its rows in a compact form, without a value for each cell.
    public func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows {
        try await link.target.packedRows(statement)
    }

    /// Runs one statement and returns its rows as JSON text.
    public func json(_ statement: SQLStatement) async throws -> SQLJSON {
        try await link.target.json(statement)
    }

    /// Begins a transaction with the database's usual options.
    public func begin() async throws -> any SQLTransaction { try await link.target.begin() }

    /// Begins a transaction with options of your own.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when the database does not support the options; also the errors of
    ///   ``SQLExecutor``.
    public func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction {
        try await link.target.begin(options)
    }
}

extension HandlerContext {
    /// Returns a database, by its name in `uses` or by its full id.
    ///
    /// - Throws: an error when there is no such database, or when it cannot be built. Do not catch the error.
    public func database(_ name: String) throws -> Database {
        Database(link: try resolve(name, as: .database))
    }
}
