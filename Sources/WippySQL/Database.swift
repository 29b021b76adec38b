public import WippyRuntime
import WippyValues

/// A database as a handler sees it.
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
/// A statement is a literal whose interpolated values are bound (``SQL``), or comes from a builder (``Select``,
/// ``Insert``, ``UpdateRows``, ``DeleteRows``). Any number of tasks may call at the same time.
public struct Database: SQLDatabase {
    private let link: Link<any SQLDatabase>

    /// Creates the view of a database.
    public init(link: Link<any SQLDatabase>) {
        self.link = link
    }

    /// How the database writes placeholders for arguments.
    public var placeholders: SQLPlaceholders { link.target.placeholders }

    /// The database's product, such as SQLite.
    public var product: SQLProduct { link.target.product }

    /// How many connections there are.
    public var connections: SQLConnections { link.target.connections }

    /// Compiles a statement without running it.
    public func check(_ text: String) async throws { try await link.target.check(text) }

    /// Runs one statement and ignores its rows.
    @discardableResult
    public func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        try await link.target.execute(statement)
    }

    /// Runs several statements of one text in order, up to the first that fails.
    public func execute(script: SQLStatement) async throws {
        try await link.target.execute(script: script)
    }

    /// Runs one statement and returns its first rows.
    public func rows(_ statement: SQLStatement, atMost rowsMax: Int) async throws -> SQLRows {
        try await link.target.rows(statement, atMost: rowsMax)
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

    /// Begins a transaction with other options.
    public func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction {
        try await link.target.begin(options)
    }
}

extension HandlerContext {
    /// A database to read and write, by its name in `uses` or its full id.
    ///
    /// - Throws: `BuildError` when there is no such entry, or it is not a database.
    public func database(_ name: String) throws -> Database {
        Database(link: try resolve(name, as: .database))
    }
}
