public import WippyDefinition
public import WippyRuntime
import WippyValues

/// Runs statements: a database, or a transaction of one.
///
/// A driver implements the requirements, which take text and its values. Callers use the methods that take ``SQL`` or a
/// builder: there every value is bound and cannot become part of the text by accident.
///
/// All calls suspend and never block. They throw `WippyError`:
/// - `AlreadyExists`: a row with this key exists already;
/// - `Invalid`: the statement or its arguments are wrong, or another constraint refuses them;
/// - `Unavailable`, retryable: the database is locked, overloaded or not running, or the disk is full;
/// - `PermissionDenied`: the file or the statement is not allowed;
/// - `Internal`: the database is damaged, or failed for a reason that the caller cannot change.
///
/// They also throw `CancellationError`. When the task is cancelled, a call that has not begun is withdrawn and a query
/// is interrupted. A change that has begun is finished, and its true result is returned. The text of an error never
/// contains an argument.
public protocol SQLExecutor: Sendable {
    /// How the database writes placeholders for arguments.
    var placeholders: SQLPlaceholders { get }

    /// The database's product; unknown by default.
    var product: SQLProduct { get }

    /// Compiles a statement without running it, to find mistakes early. By default it finds none, and they show when
    /// the statement runs.
    ///
    /// - Throws: the errors of running it, except those of its arguments.
    func check(_ text: String) async throws

    /// Runs one statement and ignores its rows.
    @discardableResult
    func execute(_ statement: SQLStatement) async throws -> SQLChanges

    /// Runs several statements of one text in order, up to the first that fails. It takes no arguments.
    func execute(script: SQLStatement) async throws

    /// Runs one statement and returns its first rows.
    ///
    /// - Parameters:
    ///   - statement: the statement with its arguments.
    ///   - rowsMax: how many rows at most. Later rows are not read.
    func rows(_ statement: SQLStatement, atMost rowsMax: Int) async throws -> SQLRows

    /// Runs one statement and returns its rows in a compact form, without a value for each cell.
    func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows

    /// Runs one statement and returns its rows as JSON text, written straight from the database's buffers.
    func json(_ statement: SQLStatement) async throws -> SQLJSON
}

extension SQLExecutor {
    /// By default it is unknown.
    public var product: SQLProduct { .unknown }

    /// By default no mistake is found before the statement runs.
    public func check(_ text: String) async throws {}

    /// By default the rows are read as values first.
    public func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows {
        SQLPackedRows(try await rows(statement, atMost: .max))
    }

    /// By default the rows are read first and written then.
    public func json(_ statement: SQLStatement) async throws -> SQLJSON {
        let rows = try await rows(statement, atMost: .max)
        let maps = rows.map { row in
            let cells = Array(zip(row.columns, row.cells)).filter { $0.1 != .null }
            return Value.map(ValueMap(cells, onRepeatedKey: .keepLast))
        }
        return SQLJSON(bytes: Array(JSON.text(of: .list(maps)).utf8), count: maps.count)
    }
}

/// A database that an entry offers to others.
public protocol SQLDatabase: SQLExecutor {
    /// Begins a transaction with the database's usual options. Changes called before it come first.
    ///
    /// Prefer ``transaction(_:)``, which always ends it.
    func begin() async throws -> any SQLTransaction

    /// Begins a transaction with other options. Changes called before it come first.
    ///
    /// - Throws: also `Invalid` if the database does not have the options; by default it has none. It may use a
    ///   stronger isolation than you ask for.
    func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction

    /// How many connections there are; by default none are reported.
    var connections: SQLConnections { get }
}

extension SQLDatabase {
    /// By default only transactions without special options begin.
    public func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction {
        guard options == SQLTransactionOptions() else {
            throw WippyError(
                .invalid, "the database supports neither isolation levels nor read-only transactions",
                isRetryable: false)
        }
        return try await begin()
    }

    /// By default none are reported.
    public var connections: SQLConnections { SQLConnections(most: 0, open: 0) }
}

/// The product behind a database, for code that must know it.
public struct SQLProduct: RawRepresentable, Sendable, Hashable {
    /// SQLite.
    public static let sqlite = SQLProduct(rawValue: "sqlite")
    /// PostgreSQL.
    public static let postgres = SQLProduct(rawValue: "postgres")
    /// MySQL.
    public static let mysql = SQLProduct(rawValue: "mysql")
    /// One that does not say.
    public static let unknown = SQLProduct(rawValue: "unknown")

    /// Its name, in lower case: what `type` of a database says to a script.
    public let rawValue: String

    /// The product of a name.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Options of a transaction.
public struct SQLTransactionOptions: Sendable, Hashable {
    /// How far a transaction is isolated from others.
    public enum Isolation: Sendable, Hashable {
        /// It may read uncommitted changes of others.
        case readUncommitted
        /// Each statement reads what others have committed by then.
        case readCommitted
        /// It reads the same rows each time.
        case repeatableRead
        /// It behaves as if it ran alone.
        case serializable
    }

    /// The least isolation; nil for the database's usual one.
    public var isolation: Isolation?

    /// Whether changes are refused as `Invalid`.
    public var isReadOnly: Bool

    /// Creates options.
    public init(isolation: Isolation? = nil, isReadOnly: Bool = false) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
    }
}

/// How many connections a database has.
public struct SQLConnections: Sendable, Hashable {
    /// How many it opens at most; 0 if it does not say.
    public let most: Int

    /// How many are open.
    public let open: Int

    /// Creates the record.
    public init(most: Int, open: Int) {
        self.most = most
        self.open = open
    }
}

/// The config of a database in a file.
///
/// With this type, a test can give the database a fresh file.
public protocol SQLFileConfig: Sendable {
    /// The file; nil if the database is in memory.
    var file: String? { get }

    /// The field that names the file; by default `file`.
    static var fileField: String { get }
}

extension SQLFileConfig {
    /// `file`.
    public static var fileField: String { "file" }
}

/// A transaction: ``commit()`` keeps all of its changes, otherwise none are kept.
///
/// After its end every call throws. It is rolled back when nothing refers to it any more, or when it has no call for
/// longer than the database allows.
public protocol SQLTransaction: SQLExecutor {
    /// Keeps the changes and ends the transaction. It finishes even if the task is cancelled, so the result is certain.
    func commit() async throws

    /// Drops the changes and ends the transaction. It finishes even if the task is cancelled.
    func rollback() async throws

    /// Begins a part of the transaction that you can undo alone. Parts can nest. If a name is used twice, it means the
    /// innermost part.
    ///
    /// By default this runs `SAVEPOINT`; `ROLLBACK TO SAVEPOINT` and `RELEASE SAVEPOINT` end the part.
    ///
    /// - Throws: `Invalid` for a name with anything but ASCII letters, digits and `_`.
    func savepoint(_ name: String) async throws

    /// Undoes everything since the savepoint with that name. The savepoint stays.
    func rollback(to savepoint: String) async throws

    /// Removes the savepoint and those inside it, and keeps their changes.
    func release(_ savepoint: String) async throws

    /// Runs `body` as a part of the transaction. If `body` throws, only this part is undone.
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

    /// What a savepoint is called in a statement: no word of SQL, whatever its name.
    private static func identifier(of savepoint: String) throws(WippyError) -> String {
        guard !savepoint.isEmpty, savepoint.utf8.allSatisfy(SQLName.isLetterOrDigit) else {
            throw WippyError(
                .invalid, "a savepoint's name must be ASCII letters, digits and '_'", isRetryable: false)
        }
        return "wippy_\(savepoint)"
    }

    /// By default it uses savepoints.
    public func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await savepoint("part")
        do {
            let result = try await body()
            try await release("part")
            return result
        } catch {
            // A task of its own, which the cancelling of the caller's does not reach. What fails here fails because the
            // transaction is gone, and the part with it.
            await Task {
                try? await rollback(to: "part")
                try? await release("part")
            }.value
            throw error
        }
    }
}

/// What a statement has changed.
public struct SQLChanges: Sendable, Hashable {
    /// How many rows the statement itself inserted, updated or deleted, without those that triggers changed.
    public let rowsAffected: Int

    /// The integer key of the last inserted row; 0 if the statement inserted none, or the database has no such keys.
    public let lastInsertID: Int

    /// Creates the record.
    public init(rowsAffected: Int, lastInsertID: Int) {
        self.rowsAffected = rowsAffected
        self.lastInsertID = lastInsertID
    }
}

/// The rows of a query as JSON text.
public struct SQLJSON: Sendable, Hashable {
    /// A list of maps in UTF-8, one for each row; `[]` without rows.
    ///
    /// Keys are the names of the columns, sorted. A NULL column has no key. If several columns have one name, the last
    /// counts. Bytes are Base64 text.
    public let bytes: [UInt8]

    /// How many rows there are.
    public let count: Int

    /// Creates the record.
    public init(bytes: [UInt8], count: Int) {
        self.bytes = bytes
        self.count = count
    }
}

extension Contract where Offered == any SQLDatabase {
    /// An entry that keeps tables.
    public static var database: Self { Contract("a database", meaning: .accesses) }
}

extension EntryKind where Component: SQLDatabase {
    /// A database.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.database) { $0 }] }
}
