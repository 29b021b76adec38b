public import Wippy
import WippySQLite

/// An SQLite database in memory.
///
/// It is removed when nothing refers to it any more.
public struct StandInDatabase: SQLDatabase {
    private let database: any SQLDatabase
    private let opening: Opening

    /// The run of the database's service.
    ///
    /// It ends when nothing refers to this object any more.
    private final class Opening: Sendable {
        private let stop = StopSignal()

        init(of service: any ManagedService) async throws {
            let (news, continuation) = AsyncThrowingStream<Void, any Error>.makeStream()
            Task { [stop] in
                do {
                    try await service.run(ready: { continuation.yield() }, stop: stop)
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            var ready = news.makeAsyncIterator()
            try await ready.next()
        }

        deinit { stop.fire() }
    }

    /// Opens an empty database, and runs a script in it.
    ///
    /// - Parameter script: statements that create the tables. Default: none.
    /// - Throws: `WippyError` when a statement fails.
    public init(_ script: SQL = "") async throws {
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics())
        let database = SQLiteKinds.database(
            EntryID(namespace: "app", name: "database"), file: ":memory:", in: environment)
        self.database = database
        opening = try await Opening(of: database)
        try await database.execute(script: script)
    }

    /// The style of the parameters in the database's statements.
    public var parameterStyle: SQLParameterStyle { database.parameterStyle }

    /// The product, which is SQLite.
    public var product: SQLProduct { database.product }

    /// The number of open connections, and the largest number of them.
    public var connections: SQLConnections { database.connections }

    /// Checks a statement without running it.
    public func check(_ text: String) async throws { try await database.check(text) }

    /// Runs one statement and ignores its rows.
    @discardableResult
    public func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        try await database.execute(statement)
    }

    /// Runs the statements of a script in order, and stops at the first that fails.
    public func execute(script: SQLStatement) async throws { try await database.execute(script: script) }

    /// Runs one statement and returns at most `maxRows` of its rows.
    public func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await database.rows(statement, atMost: maxRows)
    }

    /// Runs one statement and returns its rows in a compact form.
    public func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows {
        try await database.packedRows(statement)
    }

    /// Runs one statement and returns its rows as JSON text.
    public func json(_ statement: SQLStatement) async throws -> SQLJSON { try await database.json(statement) }

    /// Begins a transaction with the default options.
    public func begin() async throws -> any SQLTransaction { try await database.begin() }

    /// Begins a transaction with options of your own.
    public func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction {
        try await database.begin(options)
    }
}
