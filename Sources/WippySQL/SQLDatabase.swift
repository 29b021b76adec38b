public import WippyDefinition
public import WippyRuntime
import WippyValues

/// Runs statements: a database, or a transaction of one.
///
/// A driver implements the requirements, which take a text and its values. Callers use the methods that take ``SQL`` or
/// a builder: these bind every value, so a value cannot become part of the text by accident.
///
/// All calls suspend and never block. They throw `WippyError`:
/// - `AlreadyExists`: a row with this key exists already;
/// - `Invalid`: the statement or its arguments are wrong, or another constraint refuses them;
/// - `Unavailable`, retryable: the database is locked, overloaded or not running, or the disk is full;
/// - `PermissionDenied`: access to the file, or the statement, is not allowed;
/// - `Internal`: the database is damaged, or failed for a reason that the caller cannot change.
///
/// They also throw `CancellationError`. When the task is cancelled, a call that has not begun is withdrawn, and a query
/// is interrupted. A change that has begun runs to its end, and the call returns its result. The text of an error never
/// contains an argument.
public protocol SQLExecutor: Sendable {
    /// The style of the database's placeholders for arguments.
    var placeholders: SQLPlaceholders { get }

    /// The database's product.
    ///
    /// Default: ``SQLProduct/unknown``.
    var product: SQLProduct { get }

    /// Checks a statement without running it, to find mistakes early.
    ///
    /// By default it checks nothing, and a mistake shows only when the statement runs.
    ///
    /// - Throws: the errors of running the statement, except those about its arguments.
    func check(_ text: String) async throws

    /// Runs one statement and ignores its rows.
    @discardableResult
    func execute(_ statement: SQLStatement) async throws -> SQLChanges

    /// Runs several statements of one text in order, and stops at the first that fails.
    ///
    /// The list of arguments must be empty.
    func execute(script: SQLStatement) async throws

    /// Runs one statement and returns its rows, at most `rowsMax` of them.
    ///
    /// - Parameters:
    ///   - statement: the statement with its arguments.
    ///   - rowsMax: the largest number of rows to return. Later rows are not read.
    func rows(_ statement: SQLStatement, atMost rowsMax: Int) async throws -> SQLRows

    /// Runs one statement and returns its rows in a compact form, without a value for each cell.
    func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows

    /// Runs one statement and returns its rows as JSON text.
    ///
    /// A driver can write the text straight from the database's buffers. By default the rows are read as values first.
    func json(_ statement: SQLStatement) async throws -> SQLJSON
}

extension SQLExecutor {
    /// By default the product is unknown.
    public var product: SQLProduct { .unknown }

    /// By default it checks nothing.
    public func check(_ text: String) async throws {}

    /// By default the rows are read as values first.
    public func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows {
        SQLPackedRows(try await rows(statement, atMost: .max))
    }

    /// By default the rows are read as values first.
    public func json(_ statement: SQLStatement) async throws -> SQLJSON {
        let rows = try await rows(statement, atMost: .max)
        let maps = rows.map { row in
            let cells = Array(zip(row.columns, row.cells)).filter { $0.1 != .null }
            return Value.map(ValueMap(cells, onRepeatedKey: .keepLast))
        }
        return SQLJSON(bytes: Array(JSON.text(of: .list(maps)).utf8), count: maps.count)
    }
}

/// A database that an entry offers to other entries.
public protocol SQLDatabase: SQLExecutor {
    /// Begins a transaction with the database's usual options.
    ///
    /// Changes that were called earlier are made before the transaction begins. Prefer ``transaction(_:)``, which
    /// always ends the transaction.
    func begin() async throws -> any SQLTransaction

    /// Begins a transaction with options of your own.
    ///
    /// Changes that were called earlier are made before the transaction begins. The database may use a stronger
    /// isolation than you ask for.
    ///
    /// - Throws: also `Invalid` if the database does not support the options. By default it supports none.
    func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction

    /// The number of connections.
    ///
    /// By default both of its numbers are 0, which means that the database does not report them.
    var connections: SQLConnections { get }
}

extension SQLDatabase {
    /// By default any option throws `Invalid`.
    public func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction {
        guard options == SQLTransactionOptions() else {
            throw WippyError(
                .invalid, "the database supports neither isolation levels nor read-only transactions",
                isRetryable: false)
        }
        return try await begin()
    }

    /// By default both numbers are 0.
    public var connections: SQLConnections { SQLConnections(most: 0, open: 0) }
}

/// The product behind a database, such as SQLite, for code that depends on it.
public struct SQLProduct: RawRepresentable, Sendable, Hashable {
    /// SQLite.
    public static let sqlite = SQLProduct(rawValue: "sqlite")
    /// PostgreSQL.
    public static let postgres = SQLProduct(rawValue: "postgres")
    /// MySQL.
    public static let mysql = SQLProduct(rawValue: "mysql")
    /// A product that the driver does not name.
    public static let unknown = SQLProduct(rawValue: "unknown")

    /// The product's name in lower case.
    ///
    /// A script gets it as the database's `type`.
    public let rawValue: String

    /// Creates a product from its name in lower case.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Options of a transaction.
public struct SQLTransactionOptions: Sendable, Hashable {
    /// How far a transaction is isolated from other transactions.
    public enum Isolation: Sendable, Hashable {
        /// Reads may see uncommitted changes of other transactions.
        case readUncommitted
        /// Each statement sees the changes that others committed before it began.
        case readCommitted
        /// A row that is read twice is the same both times.
        case repeatableRead
        /// The transaction behaves as if it ran alone.
        case serializable
    }

    /// The weakest isolation that you accept; nil for the database's usual isolation.
    public var isolation: Isolation?

    /// Whether the transaction only reads.
    ///
    /// A change then throws `Invalid`.
    public var isReadOnly: Bool

    /// Creates options.
    ///
    /// By default the isolation is the database's usual one, and changes are allowed.
    public init(isolation: Isolation? = nil, isReadOnly: Bool = false) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
    }
}

/// How many connections a database has.
public struct SQLConnections: Sendable, Hashable {
    /// The largest number of connections that the database opens; 0 if it does not report it.
    public let most: Int

    /// The number of connections that are open now.
    public let open: Int

    /// Creates the numbers.
    public init(most: Int, open: Int) {
        self.most = most
        self.open = open
    }
}

/// A database that can write a copy of itself.
package protocol CopyableDatabase: SQLDatabase {
    /// Writes the contents of the database to a new file.
    ///
    /// Others may use the database meanwhile. The call can block its thread, so it is for commands only.
    func copy(to path: String) async throws
}

/// The config of a database that lives in a file.
///
/// It lets a test give the database a new file.
public protocol SQLFileConfig: Sendable {
    /// The path of the file; nil if the database is in memory.
    var file: String? { get }

    /// The name of the field that holds the path.
    static var fileField: String { get }
}

extension SQLFileConfig {
    /// The usual name of the field.
    public static var fileField: String { "file" }
}

/// A transaction: ``commit()`` keeps all of its changes; any other end undoes them.
///
/// After its end every call throws. The database rolls the transaction back when nothing refers to it any more, or when
/// it stays without a call for longer than the database allows.
public protocol SQLTransaction: SQLExecutor {
    /// Keeps the changes and ends the transaction.
    ///
    /// It runs to its end even if the task is cancelled, so you always know the result.
    func commit() async throws

    /// Undoes the changes and ends the transaction.
    ///
    /// It runs to its end even if the task is cancelled.
    func rollback() async throws

    /// Begins a part of the transaction that you can undo alone.
    ///
    /// Parts can nest. If two open parts have the same name, the name means the inner one. By default it runs
    /// `SAVEPOINT`.
    ///
    /// - Throws: `Invalid` for a name with anything but ASCII letters, digits and `_`.
    func savepoint(_ name: String) async throws

    /// Undoes all changes since the savepoint with this name.
    ///
    /// The savepoint stays.
    ///
    /// By default it runs `ROLLBACK TO SAVEPOINT`.
    func rollback(to savepoint: String) async throws

    /// Removes the savepoint with this name and those inside it, and keeps their changes.
    ///
    /// By default it runs `RELEASE SAVEPOINT`.
    func release(_ savepoint: String) async throws

    /// Runs `body` as a part of the transaction.
    ///
    /// If `body` throws, only the part's changes are undone.
    func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result
}

extension SQLTransaction {
    /// By default it runs `SAVEPOINT`.
    public func savepoint(_ name: String) async throws {
        try await execute(SQLStatement("SAVEPOINT \(try Self.identifier(of: name))"))
    }

    /// By default it runs `ROLLBACK TO SAVEPOINT`.
    public func rollback(to savepoint: String) async throws {
        try await execute(SQLStatement("ROLLBACK TO SAVEPOINT \(try Self.identifier(of: savepoint))"))
    }

    /// By default it runs `RELEASE SAVEPOINT`.
    public func release(_ savepoint: String) async throws {
        try await execute(SQLStatement("RELEASE SAVEPOINT \(try Self.identifier(of: savepoint))"))
    }

    /// The savepoint's name in a statement.
    ///
    /// Its prefix keeps the name from being a keyword of SQL.
    private static func identifier(of savepoint: String) throws(WippyError) -> String {
        guard !savepoint.isEmpty, savepoint.utf8.allSatisfy(SQLName.isLetterOrDigit) else {
            throw WippyError(
                .invalid, "a savepoint's name must be ASCII letters, digits and '_'", isRetryable: false)
        }
        return "wippy_\(savepoint)"
    }

    /// By default, runs `body` inside a savepoint.
    ///
    /// If `body` throws, its changes are undone.
    public func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await savepoint("part")
        do {
            let result = try await body()
            try await release("part")
            return result
        } catch {
            // Another task, because the cancellation of the caller's task must not reach it. If a statement fails here,
            // the transaction has ended already, and the part with it.
            await Task {
                try? await rollback(to: "part")
                try? await release("part")
            }.value
            throw error
        }
    }
}

/// The changes of a statement: the number of rows, and the last inserted key.
public struct SQLChanges: Sendable, Hashable {
    /// The number of rows that the statement inserted, updated or deleted.
    ///
    /// Rows that triggers changed do not count.
    public let rowsAffected: Int

    /// The integer key of the row that was inserted last.
    ///
    /// It is 0 if the statement inserted no row, or if the database has no such keys.
    public let lastInsertID: Int

    /// Creates the record.
    public init(rowsAffected: Int, lastInsertID: Int) {
        self.rowsAffected = rowsAffected
        self.lastInsertID = lastInsertID
    }
}

/// The rows of a query as JSON text.
public struct SQLJSON: Sendable, Hashable {
    /// A JSON array in UTF-8 with one object for each row; `[]` without rows.
    ///
    /// The keys are the names of the columns, sorted. A NULL cell has no key. If several columns have the same name,
    /// the last one counts. Bytes become Base64 text.
    public let bytes: [UInt8]

    /// The number of rows.
    public let count: Int

    /// Creates the record.
    public init(bytes: [UInt8], count: Int) {
        self.bytes = bytes
        self.count = count
    }
}

extension Contract where Offered == any SQLDatabase {
    /// The contract of an entry that keeps tables.
    public static var database: Self { Contract("a database", meaning: .accesses) }
}

extension EntryKind where Component: SQLDatabase {
    /// Offers the component as a database.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.database) { $0 }] }
}
