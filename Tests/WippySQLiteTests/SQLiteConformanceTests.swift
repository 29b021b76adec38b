import Glibc
import SQLiteGroups
import Synchronization
import Testing
import WippyDefinition
import WippyRuntime
import WippySQL
import WippyTesting
import WippyValues

@testable import WippySQLite

@Suite("The contract of a database", .timeLimit(.minutes(15)))
struct SQLiteConformanceTests {
    @Test("A database in a file keeps it, with and without readers, and so does one in memory")
    func database() async throws {
        for (name, readers) in [("a.db", 2), ("a.db", 0), (":memory:", 0)] {
            try await SQLDatabaseConformance { _, folder in
                let service = SQLiteService(path: name == "a.db" ? "\(folder)/\(name)" : name) { $0.readers = readers }
                return (service, service)
            }.check()
        }
    }

    @Test("The service of a database keeps the contract of a service")
    func service() async throws {
        let folder = try TemporaryFolder()
        let number = Atomic(0)
        try await ManagedServiceConformance {
            SQLiteService(path: "\(folder.path)/\(number.add(1, ordering: .relaxed).newValue).db")
        }.check()
        try await ManagedServiceConformance { SQLiteService(path: ":memory:") }.check()
    }

    @Test("A database in a file keeps the contract of one that can be copied, with and without readers")
    func copies() async throws {
        for readers in [2, 0] { try await Self.copyConformance(readers: readers) { $0 }.check() }
    }

    private static func copyConformance(
        readers: Int = 2, _ wrap: @escaping @Sendable (SQLiteService) -> any CopyableDatabase
    ) -> CopyableDatabaseConformance {
        CopyableDatabaseConformance { _, file in
            let service = SQLiteService(path: file) { $0.readers = readers }
            return (wrap(service), service)
        }
    }

    private static let copyFlaws: [(flaw: CarelessCopies.Flaw, rule: String)] = [
        (.copiesNothing, "has the rows"), (.copiesLater, "no later ones"), (.findsProblems, "has the rows"),
        (.endsTransaction, "that has not ended"), (.losesChange, "beside other changes"),
        (.replacesFiles, "is not replaced"), (.copiesMissing, "as an empty one"),
    ]

    @Test("A database that copies carelessly is found out, by the rule that it breaks", arguments: copyFlaws)
    func carelessCopies(_ flaw: CarelessCopies.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await Self.copyConformance { CarelessCopies(flaw: flaw, inner: $0) }.check()
            }
        }
        #expect(broken?.contract == "copyable database")
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test("A database of nothing but what it must have keeps it")
    func leastDatabase() async throws {
        try await SQLDatabaseConformance { _, folder in
            let service = SQLiteService(path: "\(folder)/a.db")
            return (LeastDatabase(inner: service), service)
        }.check()
    }

    @Test("A database in SQLite checks statements, and has transactions that only read")
    func offersAll() async throws {
        let database = try await StandInDatabase()
        await #expect(throws: WippyError.self) { try await database.check("SELECT id FROM nowhere") }
        let reading = try await database.begin(SQLTransactionOptions(isolation: .serializable, isReadOnly: true))
        await #expect(throws: WippyError.self) { try await reading.execute("CREATE TABLE a (id INTEGER)") }
        try await reading.rollback()
    }

    private static let flaws: [(flaw: FlawedDatabase.Flaw, rule: String)] = [
        (.commitsRollback, "rolled back, or whose body throws"),
        (.forgetsArguments, "comes back unchanged"),
        (.readsTooMuch, "as many rows as asked for"),
        (.sayInternal, "already is AlreadyExists"),
        (.isNeverUnavailable, "Unavailable"),
        (.checksInPart, "Checking a statement"),
        (.checksByRunning, "Checking a statement"),
        (.forgetsReadOnly, "read-only transaction"),
    ]

    @Test("A database that breaks it in one way is found out, by the rule that it breaks", arguments: flaws)
    func isFoundOut(_ flaw: FlawedDatabase.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await SQLDatabaseConformance { _, folder in
                    let service = SQLiteService(path: "\(folder)/a.db")
                    return (FlawedDatabase(flaw: flaw, inner: service), service)
                }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }
}

/// A database, but for one flaw.
struct FlawedDatabase: SQLDatabase {
    enum Flaw {
        case commitsRollback, forgetsArguments, readsTooMuch, sayInternal, isNeverUnavailable, checksInPart
        case checksByRunning, forgetsReadOnly
    }

    let flaw: Flaw
    let inner: any SQLDatabase

    var parameterStyle: SQLParameterStyle { inner.parameterStyle }
    var product: SQLProduct { inner.product }
    var connections: SQLConnections { inner.connections }

    func check(_ text: String) async throws {
        switch flaw {
        case .checksInPart where text.isEmpty: return
        case .checksByRunning: try await inner.execute(SQLStatement(text))
        default: try await inner.check(text)
        }
    }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        do {
            guard flaw == .forgetsArguments else { return try await inner.execute(statement) }
            return try await inner.execute(
                SQLStatement(statement.text, statement.arguments.map { $0 == 2.5 ? nil : $0 }))
        } catch let error as WippyError where error.kind == .alreadyExists && flaw == .sayInternal {
            throw WippyError(.internal, error.message)
        } catch let error as WippyError where error.kind == .unavailable && flaw == .isNeverUnavailable {
            return SQLChanges(rowsAffected: 0, lastInsertID: 0)
        }
    }

    func execute(script: SQLStatement) async throws { try await inner.execute(script: script) }

    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await inner.rows(statement, atMost: flaw == .readsTooMuch ? .max : maxRows)
    }

    func json(_ statement: SQLStatement) async throws -> SQLJSON { try await inner.json(statement) }

    func begin() async throws -> any SQLTransaction { try await begin(SQLTransactionOptions()) }

    func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction {
        var options = options
        if flaw == .forgetsReadOnly { options.isReadOnly = false }
        return FlawedTransaction(flaw: flaw, inner: try await inner.begin(options))
    }
}

struct FlawedTransaction: SQLTransaction {
    let flaw: FlawedDatabase.Flaw
    let inner: any SQLTransaction

    var parameterStyle: SQLParameterStyle { inner.parameterStyle }
    var product: SQLProduct { inner.product }
    func check(_ text: String) async throws { try await inner.check(text) }
    func execute(_ statement: SQLStatement) async throws -> SQLChanges { try await inner.execute(statement) }
    func execute(script: SQLStatement) async throws { try await inner.execute(script: script) }
    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await inner.rows(statement, atMost: maxRows)
    }
    func json(_ statement: SQLStatement) async throws -> SQLJSON { try await inner.json(statement) }
    func commit() async throws { try await inner.commit() }
    func rollback() async throws {
        if flaw == .commitsRollback { try await inner.commit() } else { try await inner.rollback() }
    }
    func savepoint(_ name: String) async throws { try await inner.savepoint(name) }
    func rollback(to savepoint: String) async throws { try await inner.rollback(to: savepoint) }
    func release(_ savepoint: String) async throws { try await inner.release(savepoint) }
    func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await inner.savepoint(body)
    }
}

/// A database that can be copied, but for one flaw.
final class CarelessCopies: CopyableDatabase {
    enum Flaw {
        case copiesNothing, copiesLater, findsProblems, endsTransaction, losesChange, replacesFiles, copiesMissing
    }

    private let flaw: Flaw
    private let inner: SQLiteService
    private let open = Mutex<(any SQLTransaction)?>(nil)
    private let copied = Mutex<String?>(nil)

    init(flaw: Flaw, inner: SQLiteService) { (self.flaw, self.inner) = (flaw, inner) }

    var parameterStyle: SQLParameterStyle { inner.parameterStyle }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        let path = copied.withLock { $0 }
        if flaw == .losesChange, statement.arguments == [150] { return SQLChanges(rowsAffected: 0, lastInsertID: 0) }
        let changes = try await inner.execute(statement)
        if flaw == .copiesLater, let path {
            unlink(path)
            try inner.copy(to: path)
        }
        return changes
    }

    func execute(script: SQLStatement) async throws { try await inner.execute(script: script) }

    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await inner.rows(statement, atMost: maxRows)
    }

    func begin() async throws -> any SQLTransaction {
        let transaction = try await inner.begin()
        open.withLock { $0 = transaction }
        return transaction
    }

    func copy(to path: String) async throws {
        switch flaw {
        case .copiesNothing: return
        case .endsTransaction: try await open.withLock { $0 }?.commit()
        case .replacesFiles: unlink(path)
        case .copiesMissing:
            do { try inner.copy(to: path) } catch let error as WippyError where error.kind == .permissionDenied {}
            return
        default: break
        }
        try inner.copy(to: path)
        copied.withLock { $0 = path }
    }

    func integrityProblems() async throws -> [String]? {
        flaw == .findsProblems ? ["a page is damaged"] : try await inner.integrityProblems()
    }
}

/// A database as a driver writes it that has no more than it must.
struct LeastDatabase: SQLDatabase {
    let inner: any SQLDatabase

    var parameterStyle: SQLParameterStyle { inner.parameterStyle }
    func execute(_ statement: SQLStatement) async throws -> SQLChanges { try await inner.execute(statement) }
    func execute(script: SQLStatement) async throws { try await inner.execute(script: script) }
    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await inner.rows(statement, atMost: maxRows)
    }
    func begin() async throws -> any SQLTransaction { LeastTransaction(inner: try await inner.begin()) }
}

struct LeastTransaction: SQLTransaction {
    let inner: any SQLTransaction

    var parameterStyle: SQLParameterStyle { inner.parameterStyle }
    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        let words = statement.text.split(separator: " ")
        switch words.first {
        // SQLite's own transactions have calls for these, and refuse the statements.
        case "SAVEPOINT": try await inner.savepoint(String(words[1]))
        case "ROLLBACK": try await inner.rollback(to: String(words[3]))
        case "RELEASE": try await inner.release(String(words[2]))
        default: return try await inner.execute(statement)
        }
        return SQLChanges(rowsAffected: 0, lastInsertID: 0)
    }
    func execute(script: SQLStatement) async throws { try await inner.execute(script: script) }
    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await inner.rows(statement, atMost: maxRows)
    }
    func commit() async throws { try await inner.commit() }
    func rollback() async throws { try await inner.rollback() }
}
