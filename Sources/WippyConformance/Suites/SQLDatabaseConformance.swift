import WippyLog
import WippyRuntime
public import WippySQL
import WippyTestTools
import WippyText
import WippyValues

/// Tests a database against the rules of `SQLDatabase`.
///
/// For each rule, the test creates the table `conformance`. A table with this name is dropped first.
///
/// ```swift
/// try await SQLDatabaseConformance { environment, folder in
///     let database = MyDatabase(file: "\(folder)/my.db")
///     return (database, database.service)
/// }.check()
/// ```
public struct SQLDatabaseConformance: Sendable {
    private typealias Make = @Sendable () async throws -> DatabaseBench

    private let limit: Duration
    private let make: Make
    /// Makes a database whose calls wait for a lock for longer than the limit; nil if the test cannot do that.
    private let makePatient: Make?
    private let canRefuse: Bool
    private let canLose: Bool
    private let canLock: Bool

    /// Creates a test of a database.
    ///
    /// - Parameters:
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - failures: the failures that the test can cause. Default: none.
    ///   - make: makes the database, and the service that opens and closes it. It is called once for each rule. The
    ///     folder is new for each rule. A database can keep its files there.
    public init<Database: SQLDatabase>(
        limit: Duration = .seconds(60), failures: DatabaseFailures<Database> = DatabaseFailures(),
        _ make: @escaping DatabaseFailures<Database>.Make
    ) {
        @Sendable func bench(_ make: DatabaseFailures<Database>.Make) async throws -> DatabaseBench {
            let environment = RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics())
            let folder = try TemporaryFolder()
            let made = try await make(environment, folder.path)
            return DatabaseBench(
                database: made.database, service: made.service, causes: failures.causes(in: made.database),
                folder: folder, patience: Patience(limit: limit))
        }
        self.limit = limit
        self.make = { try await bench(make) }
        if let makePatient = failures.makePatient {
            self.makePatient = { try await bench(makePatient) }
        } else {
            makePatient = nil
        }
        canRefuse = failures.refuseChanges != nil
        canLose = failures.loseAnswers != nil || failures.loseCommits != nil
        canLock = failures.holdLock != nil
    }

    /// Tests every rule that the arguments of the initializer allow.
    ///
    /// - Returns: the rules that were not tested, because a closure of the failures is nil.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        let rules =
            Self.rules + Self.rulesOfRefusal.map { $0.tested(if: canRefuse) }
            + Self.rulesOfLoss.map { $0.tested(if: canLose) } + Self.rulesOfLocks.map { $0.tested(if: canLock) }
        let rulesOfWaiting = Self.rulesOfWaiting.map { $0.tested(if: canLock && makePatient != nil) }
        return try await Rule.check(rules, of: "database", limit: limit, on: make)
            + Rule.check(rulesOfWaiting, of: "database", limit: limit, on: makePatient ?? make)
    }

    private static let rules: [Rule<DatabaseBench>] = [
        Rule("While its service does not run, every call fails with Unavailable and can be retried", unavailable),
        Rule("Its rows are still there when the service runs again", runsAgain),
        Rule("A bound value comes back unchanged, under its column's name", values),
        Rule("A bound text is never read as SQL", hostileTexts),
        Rule("A list or a map is Invalid as an argument", nestedArguments),
        Rule("A wrong number of arguments is Invalid", argumentCount),
        Rule("A change says how many rows it changed", changes),
        Rule("It reads at most as many rows as asked for", maxRows),
        Rule("A result without rows is empty", noRows),
        Rule("JSON is a list of maps with sorted keys, and no key for NULL", json),
        Rule("A script runs up to the first statement that fails, and takes no arguments", script),
        Rule("A key that exists already is AlreadyExists", alreadyExists),
        Rule("A wrong statement or a broken constraint is Invalid, and no argument is part of an error", invalid),
        Rule("The changes of many tasks are all kept", manyTasks),
        Rule("A change of a cancelled task is withdrawn before it begins", cancelledChange),
        Rule("A transaction comes after the changes that were called before, and keeps its own together", commit),
        Rule("A transaction that is rolled back, or whose body throws, leaves nothing", rollback),
        Rule("A transaction that has ended refuses every call", endedTransaction),
        Rule("A transaction is rolled back when its last reference is gone", forgottenTransaction),
        Rule("A cancelled task learns the true outcome of its transaction", cancelledCommit),
        Rule(
            "Checking a statement does nothing; every wrong statement is Invalid, unless the database checks none",
            checks),
        Rule("A read-only transaction refuses changes with Invalid, or is refused itself", readOnly),
        Rule("A savepoint undoes only its part of a transaction", savepoints),
        Rule("A savepoint's name is letters, digits and _, and can be used again", savepointNames),
    ]

    private static let rulesOfRefusal: [Rule<DatabaseBench>] = [
        Rule("A change that the storage refuses is Unavailable or Internal, and leaves nothing", refusedChanges),
        Rule("A transaction that the storage refuses does not commit, and leaves nothing", refusedTransactions),
        Rule(
            "If the storage fails in the middle of a transaction, the commit keeps all that succeeded, or nothing",
            failureInTransaction),
        Rule("After a failure of the storage, every call has a connection that works", goesOn),
    ]

    private static let rulesOfLoss: [Rule<DatabaseBench>] = [
        Rule("A commit whose answer is lost is Unavailable or Internal, and keeps all or nothing", lostCommits)
    ]

    private static let rulesOfLocks: [Rule<DatabaseBench>] = [
        Rule("A change that gets no lock ends with Unavailable, can be retried, and leaves nothing", lockedOut)
    ]

    private static let rulesOfWaiting: [Rule<DatabaseBench>] = [
        Rule("A change that waits for a lock goes on when it gets the lock", getsLock),
        Rule("A change that waits for a lock ends when its task is cancelled, and leaves nothing", cancelledWait),
    ]
}

// The database's service and its values.
extension SQLDatabaseConformance {
    private static func unavailable(_ test: DatabaseBench) async throws {
        try await test.isUnavailable()
        try await test.running { _ in }
        try await test.isUnavailable()
    }

    private static func runsAgain(_ test: DatabaseBench) async throws {
        try await test.running { try await $0.insert(1) }
        try await test.service.running(with: test.patience) {
            try require("the kept rows", try await test.keys(), is: [1])
        }
    }

    private static func values(_ test: DatabaseBench) async throws {
        let words: [Value] = [.string("x'é\"\n😀"), .string("")]
        try await test.running { database in
            for (id, word) in words.enumerated() {
                try await database.execute(
                    "INSERT INTO conformance (id, word, amount, is_set) VALUES (\(id), \(word), \(2.5), \(id == 0))")
            }
            try await database.execute(
                "INSERT INTO conformance (id, word) VALUES (\(Int.max), \("last"))")
            let rows = try await database.rows("SELECT id, word, amount, is_set FROM conformance ORDER BY id")
            try require("the columns", rows.columns, is: ["id", "word", "amount", "is_set"])
            try require(
                "the cells", rows.cells,
                is: [
                    0, words[0], 2.5, true, 1, words[1], 2.5, false, .integer(.max), "last", nil, nil,
                ])
            let packed = try await database.packedRows(
                SQLStatement("SELECT id, word, amount, is_set FROM conformance ORDER BY id"))
            try require("the columns of packed rows", packed.columns, is: rows.columns)
            try require("the cells of packed rows", packed.cells, is: SQLPackedRows(rows).cells)
            try require("the texts of packed rows", packed.bytes, is: SQLPackedRows(rows).bytes)
        }
    }

    private static func hostileTexts(_ test: DatabaseBench) async throws {
        let texts = ["'; DROP TABLE conformance; --", "\" OR 1=1", "?", "$1", "x' OR 'a'='a", "%", "\\", "e\u{301}"]
        try await test.running { database in
            for (id, text) in texts.enumerated() {
                try await database.execute("INSERT INTO conformance (id, word) VALUES (\(id), \(text))")
                let found = try await database.rows("SELECT id, word FROM conformance WHERE word = \(text)")
                try require("what is found by '\(text)'", found.cells, is: [.integer(id), .string(text)])
            }
        }
    }

    private static func nestedArguments(_ test: DatabaseBench) async throws {
        try await test.running { database in
            for value: Value in [[1], ["a": 1]] {
                try await test.fails("a change with \(value) as its argument", with: .invalid) {
                    try await database.execute("INSERT INTO conformance (id, word) VALUES (\(1), \(value))")
                }
            }
        }
    }

    private static func argumentCount(_ test: DatabaseBench) async throws {
        try await test.running { database in
            let place = database.parameterStyle.place(1)
            for arguments: [Value] in [[], [1, 2]] {
                try await test.fails("a statement with one place and \(arguments.count) arguments", with: .invalid) {
                    try await database.execute(
                        SQLStatement("DELETE FROM conformance WHERE id = \(place)", arguments))
                }
            }
        }
    }

    private static func checks(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await database.check("INSERT INTO conformance (id, word) VALUES (1, 'a')")
            try require("the rows after a check", try await test.keys(), is: [])
            try await findsAllOrNone(in: database, test)
            try await database.transaction { try await findsAllOrNone(in: $0, test) }
        }
    }

    private static func findsAllOrNone(in executor: any SQLExecutor, _ test: DatabaseBench) async throws {
        var silent: [String] = []
        let texts = ["no SQL", "SELECT id FROM nowhere", ""]
        for text in texts {
            do {
                try await executor.check(text)
                silent.append(text)
            } catch let error as WippyError {
                try require(
                    error.kind == .invalid, "checking '\(text)' must be invalid, and is \(error.kind): \(error)")
            }
        }
        try require(silent.isEmpty || silent == texts, "checking finds nothing in \(silent), and it does in others")
    }

    private static func readOnly(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await database.insert(1)
            let transaction: any SQLTransaction
            do {
                let options = SQLTransactionOptions(isolation: .serializable, isReadOnly: true)
                transaction = try await database.begin(options)
            } catch let error as WippyError where error.kind == .invalid {
                return
            }
            let rows = try await transaction.rows("SELECT id FROM conformance")
            try require("what is read", rows.cells, is: [1])
            try await test.fails("a change", with: .invalid) {
                try await transaction.execute("DELETE FROM conformance")
            }
            try await transaction.commit()
            try require("the rows", try await test.keys(), is: [1])
        }
    }

    private static func changes(_ test: DatabaseBench) async throws {
        try await test.running { database in
            for id in 1...3 { try await database.insert(id) }
            let updated = try await database.execute("UPDATE conformance SET amount = \(1.5) WHERE id > \(1)")
            try require("the rows that an UPDATE changed", updated.rowsAffected, is: 2)
            let deleted = try await database.execute("DELETE FROM conformance WHERE id = \(9)")
            try require("the rows that a DELETE of none changed", deleted.rowsAffected, is: 0)
        }
    }

    private static func maxRows(_ test: DatabaseBench) async throws {
        try await test.running { database in
            for id in 1...5 { try await database.insert(id) }
            for (most, expected) in [(0, 0), (2, 2), (9, 5)] {
                let rows = try await database.rows(SQLStatement("SELECT id FROM conformance"), atMost: most)
                try require("the rows of at most \(most)", rows.count, is: expected)
            }
        }
    }

    private static func noRows(_ test: DatabaseBench) async throws {
        try await test.running { database in
            let rows = try await database.rows("SELECT id FROM conformance")
            try require("a result without rows", rows, is: SQLRows(columns: [], cells: []))
            let json = try await database.json("SELECT id FROM conformance")
            try require("its JSON", json, is: SQLJSON(bytes: Array("[]".utf8), count: 0))
        }
    }

    private static func json(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await database.execute(
                "INSERT INTO conformance (id, word, amount, is_set) VALUES (\(1), \("é\"\n"), \(1.5), \(true))")
            try await database.insert(2)
            let json = try await database.json("SELECT word, id, amount, is_set FROM conformance ORDER BY id")
            try require("the number of rows", json.count, is: 2)
            try require(
                "the text", String(decoding: json.bytes, as: UTF8.self),
                is: #"[{"amount":1.5,"id":1,"is_set":true,"word":"é\"\n"},{"id":2,"word":"row 2"}]"#)
        }
    }

    private static func script(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await test.fails("a script with a statement that is wrong", with: .invalid) {
                try await database.execute(
                    script: """
                        INSERT INTO conformance (id, word) VALUES (1, 'a'); INSERT INTO none (id) VALUES (1);
                        INSERT INTO conformance (id, word) VALUES (2, 'b')
                        """)
            }
            try require("the rows of the script", try await test.keys(), is: [1])
            try await test.fails("a script with an argument", with: .invalid) {
                try await database.execute(script: "DELETE FROM conformance WHERE id = \(1)")
            }
        }
    }

    private static func alreadyExists(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await database.insert(1)
            let error = try await test.fails("a second row of one key", with: .alreadyExists) {
                try await database.execute("INSERT INTO conformance (id, word) VALUES (\(1), \("secret"))")
            }
            try require(!error.message.containsExactly("secret"), "an argument must not be part of an error: \(error)")
        }
    }

    private static func invalid(_ test: DatabaseBench) async throws {
        let statements: [SQL] = [
            "SELEC \("secret")", "SELECT id FROM none WHERE word = \("secret")",
            "INSERT INTO conformance (id, word, amount) VALUES (\(1), NULL, \("secret"))",
        ]
        try await test.running { database in
            for statement in statements {
                let error = try await test.fails("\(statement)", with: .invalid) {
                    try await database.execute(statement)
                }
                try require(
                    !error.message.containsExactly("secret"), "an argument must not be part of an error: \(error)")
            }
            try require("the rows that wrong statements have left", try await test.keys(), is: [])
        }
    }

    private static func manyTasks(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await withThrowingTaskGroup { group in
                for id in 0..<200 { group.addTask { try await database.insert(id) } }
                try await group.waitForAll()
            }
            try require("the rows of 200 tasks", try await test.keys(), is: Array(0..<200))
        }
    }

    private static func cancelledChange(_ test: DatabaseBench) async throws {
        try await test.running { database in
            let change = inCancelledTask { try await database.insert(1) }
            try await require("a change of a cancelled task", throws: CancellationError.self) {
                try await test.patience.outcome(of: "a change of a cancelled task", change)
            }
            try require("the rows that it has left", try await test.keys(), is: [])
        }
    }
}

// Transactions.
extension SQLDatabaseConformance {
    private struct Unwanted: Error {}

    private static func commit(_ test: DatabaseBench) async throws {
        try await test.running { database in
            // The task runs up to its first wait. So the change is called before the transaction.
            let before = Task.immediate { try await database.insert(1) }
            try await database.transaction { transaction in
                let rows = try await transaction.rows("SELECT id FROM conformance")
                try require("what a transaction sees", rows.cells, is: [1])
                try await before.value
                for id in 2...3 { try await transaction.insert(id) }
            }
            try require("the rows after the commit", try await test.keys(), is: [1, 2, 3])
        }
    }

    private static func rollback(_ test: DatabaseBench) async throws {
        try await test.running { database in
            let transaction = try await database.begin()
            try await transaction.insert(1)
            try await transaction.rollback()
            try await require("a transaction whose body throws", throws: Unwanted.self) {
                try await database.transaction { transaction in
                    try await transaction.insert(2)
                    throw Unwanted()
                }
            }
            try require("the rows after the rollbacks", try await test.keys(), is: [])
            try await database.insert(3)
        }
    }

    private static func endedTransaction(_ test: DatabaseBench) async throws {
        try await test.running { database in
            for isKept in [true, false] {
                let transaction = try await database.begin()
                if isKept { try await transaction.commit() } else { try await transaction.rollback() }
                let end = isKept ? "commit" : "rollback"
                try await require("a change after the \(end)", throws: WippyError.self) {
                    try await transaction.insert(1)
                }
                try await require("a commit after the \(end)", throws: WippyError.self) {
                    try await transaction.commit()
                }
            }
            try require("the rows after it", try await test.keys(), is: [])
        }
    }

    private static func forgottenTransaction(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await begin(on: database)
            try await test.patience.eventually("a change is possible after a transaction was let go") {
                do {
                    try await database.insert(2)
                    return true
                } catch let error as WippyError where error.kind == .unavailable {
                    return false
                }
            }
            try require("the rows after it", try await test.keys(), is: [2])
        }
    }

    private static func begin(on database: any SQLDatabase) async throws {
        let transaction = try await database.begin()
        try await transaction.insert(1)
    }

    private static func cancelledCommit(_ test: DatabaseBench) async throws {
        try await test.running { database in
            for id in 0..<2 {
                let transaction = try await database.begin()
                try await transaction.insert(id)
                let end = inCancelledTask {
                    if id == 0 { try await transaction.commit() } else { try await transaction.rollback() }
                }
                try await test.patience.outcome(of: "the end of a transaction", end)
            }
            try require("the rows of a commit and of a rollback", try await test.keys(), is: [0])
        }
    }

    private static func savepoints(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await database.transaction { transaction in
                try await transaction.insert(1)
                try await transaction.savepoint {
                    try await transaction.insert(2)
                    try await require("a part whose body throws", throws: Unwanted.self) {
                        try await transaction.savepoint {
                            try await transaction.insert(3)
                            throw Unwanted()
                        }
                    }
                }
                let hasBegun = OneShotEvent()
                let cancelled = Task {
                    try await transaction.savepoint {
                        try await transaction.insert(6)
                        hasBegun.fire()
                        while !Task.isCancelled { await Task.yield() }
                        throw Unwanted()
                    }
                }
                await hasBegun.wait(until: SystemClock().now + test.patience.limit, by: SystemClock())
                cancelled.cancel()
                try await require("a part of a cancelled task whose body throws", throws: Unwanted.self) {
                    try await test.patience.outcome(of: "a part of a cancelled task", cancelled)
                }
                try await transaction.savepoint("named")
                try await transaction.insert(4)
                try await transaction.rollback(to: "named")
                try await transaction.insert(5)
                try await transaction.release("named")
            }
            try require("the rows of the parts", try await test.keys(), is: [1, 2, 5])
        }
    }

    private static func savepointNames(_ test: DatabaseBench) async throws {
        try await test.running { database in
            let transaction = try await database.begin()
            for name in ["", "a b", "a\"; DROP TABLE conformance", "é"] {
                try await test.fails("a savepoint named '\(name)'", with: .invalid) {
                    try await transaction.savepoint(name)
                }
            }
            for _ in 0..<2 { try await transaction.savepoint("part_1") }
            for _ in 0..<2 { try await transaction.release("part_1") }
            try await transaction.commit()
        }
    }
}

/// A database under test.
struct DatabaseBench: Sendable {
    let database: any SQLDatabase
    let service: any ManagedService
    let causes: FailureCauses
    let folder: TemporaryFolder
    let patience: Patience

    /// Runs the database's service, with an empty table.
    func running(_ body: (any SQLDatabase) async throws -> Void) async throws {
        try await service.running(with: patience) {
            try await database.execute("DROP TABLE IF EXISTS conformance")
            try await database.execute(
                """
                CREATE TABLE conformance
                (id BIGINT PRIMARY KEY, word TEXT NOT NULL, amount DOUBLE PRECISION, is_set BOOLEAN)
                """)
            try await body(database)
        }
    }

    /// The keys of the table's rows, in order.
    func keys() async throws -> [Int] {
        try await database.query("SELECT id FROM conformance ORDER BY id", as: Int.self)
    }

    func isUnavailable() async throws {
        let calls: [(String, @Sendable () async throws -> Void)] = [
            ("execute", { try await database.execute("SELECT 1") }),
            ("execute(script:)", { try await database.execute(script: "SELECT 1") }),
            ("rows", { _ = try await database.rows("SELECT 1") }),
            ("json", { _ = try await database.json("SELECT 1") }),
            ("begin", { _ = try await database.begin() }),
        ]
        for (name, call) in calls {
            let error = try await fails("'\(name)' while the service does not run", with: .unavailable, call)
            try require(error.isRetryable == true, "'\(name)' must be retryable while the service does not run")
        }
    }

    @discardableResult
    func fails(
        _ call: String, with kind: WippyError.Kind, _ body: () async throws -> Void
    ) async throws -> WippyError {
        let error = try await require(call, throws: WippyError.self, body)
        try require(
            error.kind == kind, "\(call) must be \(kind), and is \(error.kind): \(error)")
        return error
    }
}

extension SQLExecutor {
    /// Adds a row to the table.
    func insert(_ id: Int) async throws {
        try await execute("INSERT INTO conformance (id, word) VALUES (\(id), \("row \(id)"))")
    }
}
