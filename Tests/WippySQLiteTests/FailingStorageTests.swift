import Glibc
import SQLiteGroups
import Synchronization
import Testing
import WippyRuntime
import WippySQL
import WippyTesting

@testable import WippySQLite

@Suite("A database whose storage fails", .timeLimit(.minutes(15)))
struct FailingStorageTests {
    /// The real failures of databases in files.
    private static func failures() -> DatabaseFailures<SQLiteService> {
        let (log, others) = (BrokenLog(), OtherTransactions())
        var failures = DatabaseFailures<SQLiteService>()
        failures.refuseChanges = { try log.turn(.writes, on: $1, of: $0.path) }
        failures.loseCommits = { try log.turn(.flushes, on: $1, of: $0.path) }
        failures.holdLock = { try await others.hold($0.path, $1) }
        failures.makePatient = { _, folder in
            let service = SQLiteService(path: "\(folder)/a.db")
            return (service, service)
        }
        failures.loseOwnerLocks = { unlink("\($0.path)-owners") }
        return failures
    }

    private static func service(_ folder: String, readers: Int = 0, isPatient: Bool = true) -> SQLiteService {
        SQLiteService(path: "\(folder)/a.db") { settings in
            (settings.readers, settings.synchronous) = (readers, .full)
            if !isPatient { settings.busyTimeout = .milliseconds(20) }
        }
    }

    @Test("A database in a file keeps the contract while its disk fails, and while others lock it", arguments: [0, 2])
    func database(readers: Int) async throws {
        var failures = Self.failures()
        // The other file is empty for connections that read.
        if readers > 0 { failures.loseCommits = nil }
        for words in ["storage", "answer is lost", "lock"] {
            let suite = SQLDatabaseConformance(failures: failures) { _, folder in
                let service = Self.service(folder, readers: readers, isPatient: words != "lock")
                return (service, service)
            }
            let untested = try await ChosenRules.containing(words) { try await suite.check() }
            #expect(untested.isEmpty == (readers == 0 || words != "answer is lost"))
        }
    }

    @Test("A transaction tells what has become of it, or that this is unknown, and a lost lock is not held")
    func queueDatabase() async throws {
        for words in ["storage refuses", "gets no answer", "lock is lost"] {
            let suite = QueueDatabaseConformance(failures: Self.failures()) { _, folder in
                let service = Self.service(folder)
                return (service, service)
            }
            let untested = try await ChosenRules.containing(words) { try await suite.check() }
            #expect(untested == [])
        }
    }

    @Test("Without failures that a test can cause, the suite names the rules that it did not test")
    func untested() async throws {
        let suite = SQLDatabaseConformance { _, folder in
            let service = Self.service(folder)
            return (service, service)
        }
        for (words, count) in [("lock", 3), ("storage", 4), ("answer is lost", 1)] {
            let untested = try await ChosenRules.containing(words) { try await suite.check() }
            #expect(untested.count == count)
        }
    }

    private static func faulty(
        _ flaw: FaultyDatabase.Flaw?, limit: Duration = .seconds(30)
    ) -> SQLDatabaseConformance {
        var failures = DatabaseFailures<FaultyDatabase>()
        failures.refuseChanges = { $0.fail($1 ? .refusesChanges : nil) }
        failures.loseAnswers = { $0.fail($1 ? .losesAnswers : nil) }
        failures.loseCommits = { $0.fail($1 ? .losesCommits : nil) }
        failures.holdLock = { $0.fail($1 ? .isLocked : nil) }
        failures.makePatient = { _, folder in
            let service = SQLiteService(path: "\(folder)/a.db")
            return (FaultyDatabase(over: service, flaw, isPatient: flaw != .missesLock), service)
        }
        return SQLDatabaseConformance(limit: limit, failures: failures) { _, folder in
            let service = SQLiteService(path: "\(folder)/a.db")
            return (FaultyDatabase(over: service, flaw, isPatient: flaw == .waitsForEver), service)
        }
    }

    @Test("A database that fails in the right way keeps the contract, and no rule is left untested")
    func sound() async throws {
        #expect(try await Self.faulty(nil).check() == [])
    }

    @Test(
        "A database that fails in a wrong way is found out, by the rule that it breaks",
        arguments: FaultyDatabase.Flaw.allCases)
    func flawed(_ flaw: FaultyDatabase.Flaw) async {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(flaw.rawValue) {
                // Only for these does the suite wait in vain.
                let isEndless = flaw == .waitsForEver || flaw == .ignoresCancellation
                try await Self.faulty(flaw, limit: .seconds(isEndless ? 1 : 30)).check()
            }
        }
        #expect(broken?.rule.contains(flaw.rawValue) == true, "\(String(describing: broken))")
    }
}

/// Transactions of other connections, which hold the locks of databases.
private final class OtherTransactions: Sendable {
    private let open = Mutex<[String: (SQLiteDatabase, SQLiteTransaction)]>([:])

    func hold(_ path: String, _ isHeld: Bool) async throws {
        if isHeld {
            let database = try await SQLiteDatabase.open(SQLiteSettings(path: path))
            let transaction = try await database.begin()
            open.withLock { $0[path] = (database, transaction) }
        } else if let (database, transaction) = open.withLock({ $0.removeValue(forKey: path) }) {
            try await transaction.rollback()
            await database.close()
        }
    }
}

/// A database that can be made to fail, and can have a flaw.
final class FaultyDatabase: SQLDatabase {
    enum Failure {
        case refusesChanges, losesAnswers, losesCommits, isLocked
    }

    /// A flaw, with words of the rule that it breaks.
    enum Flaw: String, CaseIterable {
        case hidesRefusal = "that the storage refuses is Unavailable"
        case keepsRefused = "refuses is Unavailable or Internal, and leaves nothing"
        case saysInvalid = "is Unavailable or Internal, and leaves"
        case hidesRefusedCommit = "does not commit"
        case keepsRefusedTransaction = "does not commit, and leaves nothing"
        case losesStatement = "keeps all that succeeded"
        case staysBroken = "a connection that works"
        case hidesLostAnswer = "whose answer is lost is Unavailable"
        case keepsPart = "keeps all or nothing"
        case waitsForEver = "ends with Unavailable"
        case saysInternal = "ends with Unavailable, can be"
        case keepsLocked = "can be retried, and leaves nothing"
        case missesLock = "when it gets the lock"
        case ignoresCancellation = "when its task is cancelled"
        case keepsCancelled = "is cancelled, and leaves nothing"
    }

    private let inner: SQLiteService
    fileprivate let flaw: Flaw?
    /// True if a call waits until a lock is free.
    private let isPatient: Bool
    private let state = Mutex<(failure: Failure?, hasFailed: Bool)>((nil, false))

    init(over inner: SQLiteService, _ flaw: Flaw?, isPatient: Bool) {
        (self.inner, self.flaw, self.isPatient) = (inner, flaw, isPatient)
    }

    func fail(_ failure: Failure?) { state.withLock { $0 = (failure, $0.hasFailed || failure != nil) } }

    fileprivate var failure: Failure? { state.withLock { $0.failure } }

    fileprivate var error: WippyError {
        WippyError(flaw == .saysInvalid ? .invalid : .unavailable, "the storage fails", isRetryable: true)
    }

    var parameterStyle: SQLParameterStyle { inner.parameterStyle }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        try await change { [inner] in try await inner.execute(statement) }
    }

    func execute(script: SQLStatement) async throws {
        try await change { [inner] in try await inner.execute(script: script) }
    }

    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await inner.rows(statement, atMost: maxRows)
    }

    func begin() async throws -> any SQLTransaction {
        try await waitForLock()
        return FaultyTransaction(database: self, inner: try await inner.begin())
    }

    private func change<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        do {
            try await waitForLock()
        } catch {
            let isKept = error is CancellationError ? flaw == .keepsCancelled : flaw == .keepsLocked
            if isKept { _ = try await uncancelled(body) }
            throw error
        }
        if flaw == .staysBroken, state.withLock({ $0.hasFailed }) { throw error }
        guard failure == .refusesChanges else { return try await body() }
        if flaw == .keepsRefused || flaw == .hidesRefusal {
            let result = try await body()
            if flaw == .hidesRefusal { return result }
        }
        throw error
    }

    private func waitForLock() async throws {
        while failure == .isLocked {
            guard isPatient else {
                throw WippyError(flaw == .saysInternal ? .internal : .unavailable, "it is locked", isRetryable: true)
            }
            if flaw == .ignoresCancellation { await Task.yield() } else { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    /// Adds a row, whatever fails.
    fileprivate func addRow(_ id: Int) async throws {
        _ = try await inner.execute(SQLStatement("INSERT INTO conformance (id, word) VALUES (\(id), 'part')"))
    }
}

private struct FaultyTransaction: SQLTransaction {
    let database: FaultyDatabase
    let inner: any SQLTransaction

    var parameterStyle: SQLParameterStyle { inner.parameterStyle }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        guard database.failure == .refusesChanges else { return try await inner.execute(statement) }
        if database.flaw == .losesStatement { return SQLChanges(rowsAffected: 1, lastInsertID: 0) }
        throw database.error
    }

    func execute(script: SQLStatement) async throws { try await inner.execute(script: script) }

    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await inner.rows(statement, atMost: maxRows)
    }

    func commit() async throws {
        let flaw = database.flaw
        switch database.failure {
        case .refusesChanges:
            if flaw == .keepsRefusedTransaction { try await inner.commit() } else { try await inner.rollback() }
            if flaw == .hidesRefusedCommit { return }
        case .losesAnswers:
            try await inner.commit()
            if flaw == .hidesLostAnswer { return }
        case .losesCommits:
            try await inner.rollback()
            if flaw == .keepsPart { try await database.addRow(1) }
        case .isLocked, nil: return try await inner.commit()
        }
        throw database.error
    }

    func rollback() async throws { try await inner.rollback() }
    func savepoint(_ name: String) async throws { try await inner.savepoint(name) }
    func rollback(to savepoint: String) async throws { try await inner.rollback(to: savepoint) }
    func release(_ savepoint: String) async throws { try await inner.release(savepoint) }
}
