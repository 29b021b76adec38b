import WippyLog
public import WippyRuntime
public import WippySQL
import WippyTestTools

/// Tests a database against the rules of `CopyableDatabase`.
///
/// ```swift
/// try await CopyableDatabaseConformance { environment, file in
///     let database = MyDatabase(file: file)
///     return (database, database.service)
/// }.check()
/// ```
///
/// ``SQLDatabaseConformance`` tests the rules of every database.
public struct CopyableDatabaseConformance: Sendable {
    private let limit: Duration
    private let make: Make

    /// Makes a database, and the service that opens and closes it.
    ///
    /// The file exists if it is the copy of another database.
    public typealias Make =
        @Sendable (_ environment: RuntimeEnvironment, _ file: String) async throws -> (
            database: any CopyableDatabase, service: any ManagedService
        )

    /// Creates a test of a database.
    ///
    /// - Parameters:
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - make: makes the database. It is called once or twice for each rule.
    public init(limit: Duration = .seconds(60), _ make: @escaping Make) {
        self.limit = limit
        self.make = make
    }

    /// Tests every rule.
    ///
    /// - Returns: the rules that were not tested: always none.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        try await Rule.check(Self.rules, of: "copyable database", limit: limit) {
            CopyBench(folder: try TemporaryFolder(), patience: Patience(limit: limit), make: make)
        }
    }

    private static let rules: [Rule<CopyBench>] = [
        Rule("A copy has the rows of the database, and no later ones", rows),
        Rule("A copy does not have the changes of a transaction that has not ended", transaction),
        Rule("A copy that is written beside other changes is sound", besideChanges),
        Rule("A file that exists is not replaced by a copy", existing),
        Rule("A database that has no file is not copied as an empty one", missing),
    ]

    static func rows(_ test: CopyBench) async throws {
        try await test.running("a.db") { database in
            try await database.execute(script: "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)")
            try await test.copy(database)
            try await database.execute("INSERT INTO t VALUES (2)")
        }
        try require("the rows of the copy", try await test.rowsOfCopy(), is: [1])
    }

    static func transaction(_ test: CopyBench) async throws {
        try await test.running("a.db") { database in
            try await database.execute(script: "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)")
            let transaction = try await database.begin()
            try await transaction.execute("INSERT INTO t VALUES (2)")
            try await test.copy(database)
            try await transaction.rollback()
        }
        try require("the rows of the copy", try await test.rowsOfCopy(), is: [1])
    }

    static func besideChanges(_ test: CopyBench) async throws {
        let count = 200
        try await test.running("a.db") { database in
            try await database.execute("CREATE TABLE t (a INTEGER)")
            let changes = Task {
                for number in 0..<count { try await database.execute("INSERT INTO t VALUES (\(number))") }
            }
            try await test.copy(database)
            try await test.patience.outcome(of: "the changes", changes)
            try require(
                "the number of rows", try await database.first("SELECT count(*) FROM t", as: Int.self), is: count)
        }
        let rows = try await test.rowsOfCopy()
        try require("the rows of the copy", rows, is: Array(0..<rows.count))
    }

    static func existing(_ test: CopyBench) async throws {
        try await test.running("a.db") { database in
            try await database.execute(script: "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)")
            try await test.copy(database)
            try await database.execute("INSERT INTO t VALUES (2)")
            try await test.requireFailure("'copy' to a file that exists") { try await test.copy(database) }
        }
        try require("the rows of the first copy", try await test.rowsOfCopy(), is: [1])
    }

    static func missing(_ test: CopyBench) async throws {
        let made = try await test.make(CopyBench.environment, test.folder.file("missing.db"))
        try await test.requireFailure("'copy' of a database without a file") { try await test.copy(made.database) }
    }
}

/// A database under test, and the place of its copy.
struct CopyBench: Sendable {
    static let copy = "copy.db"
    static let environment = RuntimeEnvironment(
        executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics())

    let folder: TemporaryFolder
    let patience: Patience
    let make: CopyableDatabaseConformance.Make

    /// Runs the service of the database in a file until `body` has ended.
    func running(_ file: String, _ body: (any CopyableDatabase) async throws -> Void) async throws {
        let made = try await make(Self.environment, folder.file(file))
        try await made.service.running(with: patience) { try await body(made.database) }
    }

    func copy(_ database: any CopyableDatabase) async throws {
        try await patience.outcome(of: "'copy'") { try await database.copy(to: folder.file(Self.copy)) }
    }

    /// Returns the rows of the copy, which must be sound.
    func rowsOfCopy() async throws -> [Int] {
        var rows: [Int] = []
        try await running(Self.copy) { database in
            try require("the problems of the copy", try await database.integrityProblems() ?? [], is: [])
            rows = try await database.query("SELECT a FROM t ORDER BY a", as: Int.self)
        }
        return rows
    }

    func requireFailure(_ call: String, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let problem as Finding {
            throw problem
        } catch {
            return
        }
        throw Finding("\(call) must throw an error, and threw nothing")
    }
}
