public import WippyDefinition
public import WippyRuntime
import WippyValues

/// What runs statements: a database, or a transaction of one.
///
/// Drivers provide the requirements, which take text and values that belong together. Callers use the forms that take
/// ``SQL`` or a builder: there a value is always bound and cannot become part of the text by accident.
///
/// All calls suspend and never block. They throw ``WippyError``:
/// - `AlreadyExists`: a row with this key is there already;
/// - `Invalid`: the statement or its arguments are wrong, or another constraint refuses them;
/// - `Unavailable`, retryable: locked, overloaded, the disk is full, or the database is not running;
/// - `PermissionDenied`: the file or the statement is not allowed;
/// - `Internal`: the database is damaged or failed for a reason that a caller cannot mend.
///
/// Or they throw `CancellationError`: a call that has not begun is withdrawn when its task is cancelled, a query that
/// has begun is interrupted, and a change that has begun is finished and answered truthfully. No argument is ever part
/// of an error's text.
public protocol SQLExecutor: Sendable {
    /// How the database writes the places of arguments.
    var placeholders: SQLPlaceholders { get }

    /// Whose database it is; unknown unless stated.
    var product: SQLProduct { get }

    /// Compiles a statement without running it, so that what is wrong with it is known early. By default nothing is:
    /// what is wrong is found when the statement runs.
    ///
    /// - Throws: as running it, but for its arguments.
    func check(_ text: String) async throws

    /// Runs one statement and drops its rows, if it has any.
    @discardableResult
    func execute(_ statement: SQLStatement) async throws -> SQLChanges

    /// Runs the statements of a text one after another, up to the first that fails; arguments are not allowed.
    func execute(script: SQLStatement) async throws

    /// Runs one statement and gives its first rows.
    ///
    /// - Parameter rowsMax: how many rows at most; those after them are not read.
    func rows(_ statement: SQLStatement, atMost rowsMax: Int) async throws -> SQLRows

    /// Runs one statement and gives its rows without a value for each cell.
    func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows

    /// Runs one statement and gives its rows as JSON text, written straight from the database's own buffers.
    func json(_ statement: SQLStatement) async throws -> SQLJSON
}

extension SQLExecutor {
    /// By default nobody says.
    public var product: SQLProduct { .unknown }

    /// By default nothing is found before the statement runs.
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

/// A database that entries offer: what code behind other entries reads and writes.
public protocol SQLDatabase: SQLExecutor {
    /// Begins a transaction as the database usually has it, after the changes that were called before.
    ///
    /// Prefer ``transaction(_:)``, which cannot forget to end it.
    func begin() async throws -> any SQLTransaction

    /// Begins a transaction that is as asked for, after the changes that were called before.
    ///
    /// - Throws: also `Invalid` for options that the database does not have: by default for all that ask for something.
    ///   An isolation that keeps more apart counts as any that keeps less.
    func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction

    /// How many connections there are; none unless stated.
    var connections: SQLConnections { get }
}

extension SQLDatabase {
    /// By default there are the transactions that ask for nothing.
    public func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction {
        guard options == SQLTransactionOptions() else {
            throw WippyError(
                .invalid, "the database has neither isolations to choose from nor transactions that only read",
                isRetryable: false)
        }
        return try await begin()
    }

    /// By default none are told of.
    public var connections: SQLConnections { SQLConnections(most: 0, open: 0) }
}

/// Whose database it is, for code that has to know.
public enum SQLProduct: String, Sendable, Hashable {
    /// SQLite.
    case sqlite
    /// PostgreSQL.
    case postgres
    /// MySQL.
    case mysql
    /// Another.
    case unknown
}

/// What a transaction is to be like.
public struct SQLTransactionOptions: Sendable, Hashable {
    /// How far a transaction is kept apart from others.
    public enum Isolation: Sendable, Hashable {
        /// It reads what others have not committed.
        case readUncommitted
        /// It reads what others have committed, each statement anew.
        case readCommitted
        /// It reads the same rows each time.
        case repeatableRead
        /// As if there were no others.
        case serializable
    }

    /// How far at least it is kept apart; nil for what the database usually does.
    public var isolation: Isolation?

    /// Whether statements that change something are refused as `Invalid`.
    public var isReadOnly: Bool

    /// Creates options.
    public init(isolation: Isolation? = nil, isReadOnly: Bool = false) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
    }
}

/// How many connections a database has.
public struct SQLConnections: Sendable, Hashable {
    /// The most that it opens; 0 if it does not say.
    public let most: Int

    /// Those that are open.
    public let open: Int

    /// Creates the record.
    public init(most: Int, open: Int) {
        self.most = most
        self.open = open
    }
}

/// What is written about a database in a file, whatever its kind: by this a test gives it a file of its own.
public protocol SQLFileConfig: Sendable {
    /// The file; nil if the database is in memory.
    var file: String? { get }

    /// The field that names the file; `file` unless stated.
    static var fileField: String { get }
}

extension SQLFileConfig {
    /// `file`.
    public static var fileField: String { "file" }
}

/// A transaction: its changes are kept together by ``commit()``, or not at all.
///
/// From its end on every call throws. It is rolled back when nothing refers to it any more, and when it stays without
/// a call for longer than the database allows.
public protocol SQLTransaction: SQLExecutor {
    /// Keeps the changes and ends the transaction, even if the task is cancelled, so that the answer is the truth.
    func commit() async throws

    /// Drops the changes and ends the transaction, even if the task is cancelled.
    func rollback() async throws

    /// Begins a part that can be undone by itself. Parts may be nested, and a name used again: the innermost counts.
    ///
    /// By default the statement `SAVEPOINT` does, and `ROLLBACK TO SAVEPOINT` and `RELEASE SAVEPOINT` end the part.
    ///
    /// - Throws: `Invalid` for a name with anything but ASCII letters, digits and `_`.
    func savepoint(_ name: String) async throws

    /// Undoes everything since the savepoint of that name, which stays.
    func rollback(to savepoint: String) async throws

    /// Forgets the savepoint and those within it, and keeps their changes.
    func release(_ savepoint: String) async throws

    /// Runs `body` as a part of the transaction that is undone, and only it, when `body` throws.
    func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result
}

extension SQLTransaction {
    /// By default a statement.
    public func savepoint(_ name: String) async throws {
        try await execute(SQLStatement("SAVEPOINT \(try Self.identifier(of: name))"))
    }

    /// By default a statement.
    public func rollback(to savepoint: String) async throws {
        try await execute(SQLStatement("ROLLBACK TO SAVEPOINT \(try Self.identifier(of: savepoint))"))
    }

    /// By default a statement.
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

    /// By default by savepoints, of which the innermost of several of one name counts.
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

/// What a statement changed.
public struct SQLChanges: Sendable, Hashable {
    /// The rows that the statement itself inserted, updated or deleted, without those that triggers changed.
    public let rowsAffected: Int

    /// The integer key of the last row that the statement inserted; 0 if it inserted none, or the database has none.
    public let lastInsertID: Int

    /// Creates the record.
    public init(rowsAffected: Int, lastInsertID: Int) {
        self.rowsAffected = rowsAffected
        self.lastInsertID = lastInsertID
    }
}

/// The rows of a query as JSON text.
public struct SQLJSON: Sendable, Hashable {
    /// A list of maps in UTF-8, one for each row; `[]` if there are none.
    ///
    /// Keys are the columns' names, sorted; a column that is NULL has no key, and of several columns of one name the
    /// last one counts. Bytes are Base64 text.
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
