import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime
public import WippySQL
import WippySQLQueue
import WippyTestTools
import WippyText
import WippyValues

/// Tests a database against the rules of `QueueDatabase`, `QueueTransaction` and `OwnerLocks`.
///
/// This test also runs durable queues in the database. ``SQLDatabaseConformance`` tests the rules that apply to every
/// database.
///
/// ```swift
/// try await QueueDatabaseConformance { environment, folder in
///     let database = MyDatabase(file: "\(folder)/my.db")
///     return (database, database.service)
/// }.check()
/// ```
public struct QueueDatabaseConformance: Sendable {
    private let limit: Duration
    private let make: QueueDatabaseBench.Make
    private let canRefuse: Bool
    private let canLose: Bool
    private let canLoseLocks: Bool

    /// Creates a test of a database.
    ///
    /// - Parameters:
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - failures: the failures that the test can cause. Default: none.
    ///   - make: makes the database, and the service that opens and closes it. It is called at least once for each
    ///     rule, and can be called several times with the same folder. Databases in the same folder must share their
    ///     tables, as in several processes. Databases in different folders must not share them.
    public init<Database: QueueDatabase>(
        limit: Duration = .seconds(60), failures: DatabaseFailures<Database> = DatabaseFailures(),
        _ make: @escaping DatabaseFailures<Database>.Make
    ) {
        self.limit = limit
        self.make = { environment, folder in
            let made = try await make(environment, folder)
            return QueueDatabaseBench.Made(
                database: made.database, service: made.service, causes: failures.causes(in: made.database))
        }
        canRefuse = failures.refuseChanges != nil
        canLose = failures.loseAnswers != nil || failures.loseCommits != nil
        canLoseLocks = failures.loseOwnerLocks != nil
    }

    /// Tests every rule that the arguments of the initializer allow.
    ///
    /// - Returns: the rules that were not tested, because a closure of the failures is nil, and the rules of
    ///   ``QueueDriverConformance`` about a full queue.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        let rules =
            Self.rules + Self.rulesOfRefusal.map { $0.tested(if: canRefuse) }
            + Self.rulesOfLoss.map { $0.tested(if: canLose) }
            + Self.rulesOfLostLocks.map { $0.tested(if: canLoseLocks) }
        let untested = try await Rule.check(rules, of: "queue database", limit: limit) {
            QueueDatabaseBench(folder: try TemporaryFolder(), patience: Patience(limit: limit), make: make)
        }
        return try await untested
            + QueueDriverConformance(limit: limit, canFail: canRefuse) { [make] environment, folder in
                let made = try await make(environment, folder)
                let driver = made.database.queueDriver(in: environment)
                return (driver, OrderedServices(made.service, driver), made.causes.refuseChanges)
            }.check()
    }

    private static let rules: [Rule<QueueDatabaseBench>] = [
        Rule("A row gets the next number, and a lasting key never gives a number twice", numbers),
        Rule("A change returns its rows, with every durability", changes),
        Rule("A conflict changes no row, or changes the existing row, as the statement says", conflicts),
        Rule("When many callers choose and change rows at the same time, each row goes to one of them", choices),
        Rule("A transaction belongs to its database, and reports its end once", transactions),
        Rule("Transactions with full durability are kept like others", durability),
        Rule("Others see an owner's lock until it is released, and nobody else can hold it", locks),
    ]

    private static let rulesOfRefusal: [Rule<QueueDatabaseBench>] = [
        Rule("A transaction that the storage refuses is never told as kept", refusedTransactions)
    ]

    private static let rulesOfLoss: [Rule<QueueDatabaseBench>] = [
        Rule("A transaction whose commit gets no answer is told as unknown, or as what has become of it", lostCommits)
    ]

    private static let rulesOfLostLocks: [Rule<QueueDatabaseBench>] = [
        Rule("An owner learns that its lock is lost, and another can take the lock", lostLocks)
    ]

    private static func numbers(_ test: QueueDatabaseBench) async throws {
        try await test.running { database in
            for (table, key) in [("a", database.numberedKey), ("b", database.lastingKey)] {
                try await database.execute(script: "CREATE TABLE \(name: table) (id \(key), word TEXT)")
                var numbers: [Int] = []
                for _ in 0..<3 {
                    let number = try await database.first(
                        "INSERT INTO \(name: table) (word) VALUES (\("x")) RETURNING id", as: Int.self)
                    guard let number else { throw Finding("'RETURNING id' must give the number of the row") }
                    numbers.append(number)
                }
                try require(numbers == numbers.sorted() && Set(numbers).count == 3, "the numbers must grow: \(numbers)")
                try await database.execute("DELETE FROM \(name: table)")
                guard table == "b" else { continue }
                let next = try await database.first(
                    "INSERT INTO \(name: table) (word) VALUES (\("x")) RETURNING id", as: Int.self)
                try require(next ?? 0 > numbers[2], "a number was given twice: \(next ?? 0) after \(numbers)")
            }
        }
    }

    private static func changes(_ test: QueueDatabaseBench) async throws {
        try await test.running { database in
            for (number, durability) in [CommitDurability.asConfigured, .full].enumerated() {
                let insert = try database.statement("INSERT INTO conformance (id, word) VALUES (\(number), \("a"))")
                try require(
                    "the rows that an INSERT changed", try await database.execute(insert, durability).rowsAffected,
                    is: 1)
                let update = try database.statement(
                    "UPDATE conformance SET word = \("b") WHERE id = \(number) RETURNING id, word")
                let rows = try await database.change(update, durability)
                try require("what an UPDATE returned", rows.cells, is: [.integer(number), "b"])
                let none = try await database.change(
                    try database.statement("UPDATE conformance SET word = \("b") WHERE id = \(9) RETURNING id"),
                    durability)
                try require("what an UPDATE of no row returned", none.count, is: 0)
            }
        }
    }

    private static func conflicts(_ test: QueueDatabaseBench) async throws {
        try await test.running { database in
            try await database.execute("INSERT INTO conformance (id, word) VALUES (\(1), \("a"))")
            let insert = try database.statement(
                "INSERT INTO conformance (id, word) VALUES (\(1), \("b")) ON CONFLICT DO NOTHING")
            try require(
                "the rows that a conflict changed", try await database.execute(insert, .full).rowsAffected, is: 0)
            try await database.execute(
                """
                INSERT INTO conformance (id, word) VALUES (\(1), \("c"))
                ON CONFLICT (id) DO UPDATE SET word = excluded.word
                """)
            try require(
                "the row", try await database.rows("SELECT word FROM conformance").cells, is: ["c"])
            // Only the rows that the index covers are unique in it.
            try await database.execute(
                script: "CREATE UNIQUE INDEX conformance_word ON conformance (word) WHERE id > 10")
            for id in [2, 3, 11] {
                try await database.execute("INSERT INTO conformance (id, word) VALUES (\(id), \("c"))")
            }
            let error = try await require("a second row of the index", throws: WippyError.self) {
                try await database.execute("INSERT INTO conformance (id, word) VALUES (\(12), \("c"))")
            }
            try require("the error's kind", error.kind, is: .alreadyExists)
        }
    }

    private static func choices(_ test: QueueDatabaseBench) async throws {
        let (first, second) = (try await test.made(), try await test.made())
        try await test.running(first) {
            try await second.service.running(with: test.patience) {
                for id in 0..<100 {
                    try await first.database.execute("INSERT INTO conformance (id, word) VALUES (\(id), \("ready"))")
                }
                let lock = first.database.rowLock
                let statement = try first.database.statement(
                    """
                    UPDATE conformance SET word = \("taken") WHERE id IN (SELECT id FROM conformance
                        WHERE word = \("ready") ORDER BY id LIMIT \(3) \(lock)) RETURNING id
                    """)
                let chosen = try await withThrowingTaskGroup(of: [Value].self) { group in
                    for database in [first.database, second.database] {
                        for _ in 0..<20 {
                            group.addTask {
                                var chosen: [Value] = []
                                while true {
                                    let rows = try await database.change(statement, .asConfigured)
                                    if rows.isEmpty { return chosen }
                                    chosen += rows.cells
                                }
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                let numbers = chosen.compactMap(\.integer).sorted()
                try require("the rows that were chosen, once each", numbers, is: Array(0..<100))
            }
        }
    }

    private static func transactions(_ test: QueueDatabaseBench) async throws {
        try await test.running { database in
            for outcome in [TransactionOutcome.kept, .undone] {
                let transaction = try await outcome == .kept ? database.beginQueueTransaction() : begin(on: database)
                try require("the transaction's database", transaction.database, is: database.identity)
                let ends = Ends()
                transaction.onEnd { ends.note($0) }
                if outcome == .kept { try await transaction.commit() } else { try await transaction.rollback() }
                try require("the ends of a transaction", ends.all, is: [outcome])
                let late = Ends()
                transaction.onEnd { late.note($0) }
                try require("the ends that a late observer is told", late.all, is: [outcome])
            }
            let ends = Ends()
            try await forget(on: database, ends)
            try await test.patience.eventually("a transaction that was let go tells its end") { ends.all == [.undone] }
        }
    }

    private static func begin(on database: any QueueDatabase) async throws -> any QueueTransaction {
        let other = try await database.begin(SQLTransactionOptions())
        try require(other is any QueueTransaction, "'begin' with options must give a QueueTransaction")
        try await other.rollback()
        guard let transaction = try await database.begin() as? any QueueTransaction else {
            throw Finding("'begin' must give a QueueTransaction")
        }
        return transaction
    }

    private static func forget(on database: any QueueDatabase, _ ends: Ends) async throws {
        try await begin(on: database).onEnd { ends.note($0) }
    }

    private static func durability(_ test: QueueDatabaseBench) async throws {
        try await test.running { database in
            for id in 0..<3 {
                if id == 1 { database.raiseDurability() }
                if id == 2 { database.lowerDurability() }
                try await database.transaction { transaction in
                    _ = try await transaction.execute("INSERT INTO conformance (id, word) VALUES (\(id), \("a"))")
                }
            }
            try require(
                "the rows", try await database.query("SELECT id FROM conformance ORDER BY id", as: Int.self),
                is: [0, 1, 2])
        }
    }

    private static func locks(_ test: QueueDatabaseBench) async throws {
        let (first, second) = (try await test.made(), try await test.made())
        try await test.running(first) {
            try await second.service.running(with: test.patience) {
                let (own, others) = (first.database.ownerLocks, second.database.ownerLocks)
                try require("whether a lock is held that nobody took", try await others.isHeld(7), is: false)
                let lock = try await own.lock(7)
                try require("whether a lock is held that another has", try await others.isHeld(7), is: true)
                try require("whether an owner has the lock that it took", try await lock.isHeld, is: true)
                try require("whether a neighbour's lock is held", try await others.isHeld(8), is: false)
                let error = try await require("taking another's lock", throws: WippyError.self) {
                    _ = try await others.lock(7)
                }
                try require("the error's kind", error.kind, is: .unavailable)
                for _ in 0..<2 { await lock.release() }
                try require("whether a lock is held that was released", try await others.isHeld(7), is: false)
                try require("whether an owner has the lock that it released", try await lock.isHeld, is: false)
                try await others.lock(7).release()
            }
        }
    }
}

/// The results that transactions have passed to `onEnd`.
final class Ends: Sendable {
    private let ends = Mutex<[TransactionOutcome]>([])

    var all: [TransactionOutcome] { ends.withLock { $0 } }

    func note(_ outcome: TransactionOutcome) { ends.withLock { $0.append(outcome) } }

    /// Requires that there is one result, which is one of those that are true.
    func requireOne(of outcomes: [TransactionOutcome], _ transaction: String) throws {
        let ends = all
        try require(
            ends.count == 1 && outcomes.contains(ends[0]),
            "\(transaction) must be told once, as one of \(outcomes), and is told as \(ends)")
    }
}

extension SQLExecutor {
    /// A statement with the database's parameters.
    fileprivate func statement(_ sql: SQL) throws -> SQLStatement { try sql.statement(parameterStyle: parameterStyle) }
}

/// A database for queues, under test.
struct QueueDatabaseBench: Sendable {
    /// A database, its service, and the failures that the suite can cause in it.
    struct Made: Sendable {
        let database: any QueueDatabase
        let service: any ManagedService
        let causes: FailureCauses

        /// Requires that the table has rows with these keys.
        func requireRows(_ keys: [Int]) async throws {
            let found = try await database.query("SELECT id FROM conformance ORDER BY id", as: Int.self)
            try require("the rows", found, is: keys)
        }
    }

    typealias Make = @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> Made

    let folder: TemporaryFolder
    let patience: Patience
    let make: Make

    /// Makes a database that shares its tables with all others of this bench.
    func made() async throws -> Made {
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics())
        return try await make(environment, folder.path)
    }

    /// Runs a database's service, with an empty table.
    func running(_ body: (any QueueDatabase) async throws -> Void) async throws {
        let made = try await made()
        try await running(made) { try await body(made.database) }
    }

    func running(_ made: Made, _ body: () async throws -> Void) async throws {
        try await made.service.running(with: patience) {
            try await made.database.execute("CREATE TABLE conformance (id BIGINT PRIMARY KEY, word TEXT NOT NULL)")
            try await body()
        }
    }
}
