public import WippyDefinition
public import WippyRuntime

/// A database that an entry offers to other entries.
public protocol SQLDatabase: SQLExecutor {
    /// Begins a transaction with the database's default options.
    ///
    /// Prefer ``transaction(_:)``, because it ends the transaction for you.
    ///
    /// To publish to a queue in the database while the transaction is open, use `publish` of the transaction. A message
    /// that you publish in another way may wait for the end of the transaction.
    ///
    /// - Throws: the errors of ``SQLExecutor``.
    func begin() async throws -> any SQLTransaction

    /// Begins a transaction with options of your own.
    ///
    /// The database may use a stronger isolation than you ask for. The default implementation supports no options.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when the database does not support the options; also the errors of
    ///   ``SQLExecutor``.
    func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction

    /// The number of open connections, and the largest number that the database opens.
    ///
    /// Default: 0 for both numbers, which means that the database does not report them.
    var connections: SQLConnections { get }
}

extension SQLDatabase {
    /// Begins a transaction if `options` equals `SQLTransactionOptions()`; otherwise throws `Invalid`.
    public func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction {
        try options.refuse()
        return try await begin()
    }

    /// The default: 0 for both numbers.
    public var connections: SQLConnections { SQLConnections(most: 0, open: 0) }
}

/// The product behind a database, such as SQLite.
public struct SQLProduct: RawRepresentable, Sendable, Hashable {
    /// SQLite.
    public static let sqlite = SQLProduct(rawValue: "sqlite")
    /// PostgreSQL.
    public static let postgres = SQLProduct(rawValue: "postgres")
    /// MySQL.
    public static let mysql = SQLProduct(rawValue: "mysql")
    /// The product of a database driver that does not name its product.
    public static let unknown = SQLProduct(rawValue: "unknown")

    /// The product's name in lower case.
    ///
    /// A script gets it as the database's `type`.
    public let rawValue: String

    /// Creates a product from its name in lower case.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The number of open connections of a database, and the largest number that it opens.
public struct SQLConnections: Sendable, Hashable {
    /// The largest number of connections that the database opens; 0 if the database does not report it.
    public let most: Int

    /// The number of connections that are open now; 0 if the database does not report it.
    public let open: Int

    /// Creates the numbers of connections.
    public init(most: Int, open: Int) {
        self.most = most
        self.open = open
    }
}

/// A database in a file that can write a copy of itself.
///
/// A command such as `verify crash` runs the application on copies of such databases. For this the config of the
/// database's entry must be an ``SQLFileConfig``, so that the copy can take the place of the file.
public protocol CopyableDatabase: SQLDatabase {
    /// Writes the contents of the database to a new file.
    ///
    /// Other tasks and processes may use the database in the meantime. The call can block its thread, so only commands
    /// use it.
    ///
    /// - Parameter path: the path of the new file, which must not exist.
    /// - Throws: the database's error, also when it has no file; an error when the new file cannot be written, or when
    ///   a file with content is there already.
    func copy(to path: String) async throws

    /// Looks for damage in the file.
    ///
    /// Default: nil.
    ///
    /// - Returns: sentences about the problems; empty if there is none; nil if the database does not offer this check.
    /// - Throws: the database's error.
    func integrityProblems() async throws -> [String]?
}

extension CopyableDatabase {
    /// Returns nil.
    ///
    /// This default suits a database that does not check its file.
    public func integrityProblems() async throws -> [String]? { nil }
}

/// The config of a database that can keep its data in a file.
///
/// A test overrides the field that holds the path, so that the database gets a file of its own.
public protocol SQLFileConfig: FileConfig {
    /// The name of the field that holds the path.
    ///
    /// Default: `file`.
    static var fileField: String { get }

    /// Returns the whole number that a query reads from the file, for a check of the project.
    ///
    /// Default: nil. The call must change nothing, create nothing and wait for nothing. So a number that was just
    /// written may be missing.
    ///
    /// - Parameter query: a query with one row and one column.
    /// - Returns: the number; nil if there is no file or no such number, or if the number cannot be read in this way.
    func storedInteger(_ query: SQL) -> Int?
}

extension SQLFileConfig {
    /// Returns nil.
    public func storedInteger(_ query: SQL) -> Int? { nil }

    /// The default name of the field: `file`.
    public static var fileField: String { "file" }
}

extension Contract where Offered == any SQLDatabase {
    /// The contract of an entry that keeps tables.
    public static var database: Self { Contract("a database", meaning: .accesses) }
}

extension EntryKind where Component: SQLDatabase {
    /// Offers the component as a database.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.database) { $0 }] }
}
