import CWippySQLite
import Glibc
import SQLiteGroups
import Testing
import WippyDefinition
import WippyLog
import WippySQL
import WippyTesting

@testable import WippyRuntime
@testable import WippySQLite

@Suite("The service of a database")
struct SQLiteServiceTests {
    @Test("A database may be held before it is started, and is unavailable until then and after its stop")
    func unavailable() async throws {
        let folder = try TemporaryFolder()
        let service = SQLiteService(path: folder.file("a.db"))
        let database = Database(link: Link(service))
        let before = await wippyError { try await database.execute("SELECT 1") }
        #expect(before?.kind == .unavailable)
        #expect(before?.message == "the database app:db is not started: check its 'lifecycle.auto_start'")
        try await service.running { try await $0.execute("CREATE TABLE t (a)") }
        let after = await wippyError { _ = try await database.begin() }
        #expect(after?.kind == .unavailable)
        #expect(after?.message == "the database app:db is closed")
    }

    @Test("The file and the folders above it are made, and what was written is there after a restart")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let service = SQLiteService(path: folder.file("deep/er/a.db"))
        try await service.running { try await $0.execute(script: "CREATE TABLE t (a); INSERT INTO t VALUES (1)") }
        let rows = try await service.running { try await $0.query("SELECT a FROM t", as: Int.self) }
        #expect(rows == [1])
    }

    @Test("A copy of a file has what the file holds; no statement of a caller writes one")
    func copy() async throws {
        let folder = try TemporaryFolder()
        let service = SQLiteService(path: folder.file("a.db"))
        try await service.running { database in
            try await database.execute(script: "CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            try service.copy(to: folder.file("it's a copy.db"))
            let refused = await wippyError { try await database.execute("VACUUM INTO \(folder.file("b.db"))") }
            #expect(refused != nil)
        }
        let rows = try await SQLiteService(path: folder.file("it's a copy.db")).running {
            try await $0.query("SELECT a FROM t", as: Int.self)
        }
        #expect(rows == [1])
    }

    @Test("A database without a file is not copied as an empty one", arguments: ["a.db", "deep/er/a.db", ":memory:"])
    func copyOfNothing(_ name: String) async throws {
        let folder = try TemporaryFolder()
        let path = name == ":memory:" ? name : folder.file(name)
        let service = SQLiteService(path: path)
        let error = #expect(throws: WippyError.self) { try service.copy(to: folder.file("copy.db")) }
        #expect(error?.kind == (name == ":memory:" ? .invalid : .permissionDenied))
        #expect(error?.message.contains(name == ":memory:" ? "in memory" : path) == true)
        #expect(access(folder.file("copy.db"), F_OK) != 0 && (name == ":memory:" || access(path, F_OK) != 0))
    }

    @Test("A database in memory survives a restart of its service")
    func memory() async throws {
        let service = SQLiteService(path: ":memory:")
        try await service.running { try await $0.execute(script: "CREATE TABLE t (a); INSERT INTO t VALUES (1)") }
        #expect(await wippyError { _ = try await service.begin() }?.kind == .unavailable)
        let rows = try await service.running { try await $0.query("SELECT a FROM t", as: Int.self) }
        #expect(rows == [1])
    }

    @Test("What is queued at a stop is done", arguments: ["a.db", ":memory:"])
    func drain(_ name: String) async throws {
        let folder = try TemporaryFolder()
        let service = SQLiteService(path: name == ":memory:" ? name : folder.file(name))
        let written = try await service.running { database in
            try await database.execute("CREATE TABLE t (a)")
            return Task {
                await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask { try await database.execute("INSERT INTO t VALUES (\(number))") }
                    }
                    var count = 0
                    while let result = await group.nextResult() {
                        if case .success = result { count += 1 }
                    }
                    return count
                }
            }
        }
        let count = await written.value
        let rows = try await service.running { try await $0.first("SELECT count(*) FROM t", as: Int.self) }
        #expect(rows == count)
    }

    @Test("A folder in the place of the file is a permanent failure")
    func folder() async throws {
        let folder = try TemporaryFolder()
        let failure = await failure(of: SQLiteService(path: folder.path))
        #expect(failure?.isPermanent == true)
        #expect(failure?.message == "'\(folder.path)' is a folder: 'file' must name a file")
    }

    @Test("A file that is no database is a permanent failure, and is left as it is")
    func noDatabase() async throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "this is a text and no database\n", count: 100)
        try folder.write(text, to: "a.txt")
        let failure = await failure(of: SQLiteService(path: folder.file("a.txt")))
        #expect(failure?.isPermanent == true)
        #expect(failure?.message.hasPrefix("cannot open the database '\(folder.file("a.txt"))': ") == true)
        #expect(failure?.message.contains("not a database") == true)
    }

    @Test("A file in the place of a folder is a permanent failure")
    func fileAsFolder() async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "a")
        for path in ["a/b.db", "a/b/c.db"] {
            #expect(await failure(of: SQLiteService(path: folder.file(path)))?.isPermanent == true)
        }
    }

    @Test("A folder that may not be written is a permanent failure", .enabled(if: geteuid() != 0))
    func unwritableFolder() async throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        #expect(await failure(of: SQLiteService(path: folder.file("a.db")))?.isPermanent == true)
        #expect(await failure(of: SQLiteService(path: folder.file("b/a.db")))?.isPermanent == true)
    }

    @Test("A file that another connection holds is a failure that another attempt may mend")
    func busyFile() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.db")
        var holder: OpaquePointer?
        sqlite3_open(path, &holder)
        defer { sqlite3_close(holder) }
        #expect(sqlite3_exec(holder, "CREATE TABLE t (a); BEGIN EXCLUSIVE", nil, nil, nil) == SQLITE_OK)
        let service = SQLiteService(path: path) { $0.busyTimeout = .milliseconds(10) }
        #expect(await failure(of: service)?.isPermanent == false)
        #expect(sqlite3_exec(holder, "ROLLBACK", nil, nil, nil) == SQLITE_OK)
        try await service.running { try await $0.execute("INSERT INTO t VALUES (1)") }
    }

    @Test("A change while another connection changes the file is unavailable and may be retried")
    func busyChange() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.db")
        let service = SQLiteService(path: path) { $0.busyTimeout = .milliseconds(10) }
        try await service.running { database in
            try await database.execute("CREATE TABLE t (a)")
            let holder = try await SQLiteDatabase.open(SQLiteSettings(path: path))
            let transaction = try await holder.begin()
            let error = await wippyError { try await database.execute("INSERT INTO t VALUES (2)") }
            #expect(error?.kind == .unavailable)
            #expect(error?.isRetryable == true)
            try await transaction.rollback()
            try await database.execute("INSERT INTO t VALUES (3)")
            await holder.close()
        }
    }

    @Test("Cancelling the service closes the database although a transaction is open")
    func cancel() async throws {
        let folder = try TemporaryFolder()
        let service = SQLiteService(path: folder.file("a.db"))
        let (readiness, continuation) = AsyncStream<Void>.makeStream()
        let run = Task { try await service.run(ready: { continuation.finish() }, stop: StopSignal()) }
        for await _ in readiness {}
        let transaction = try await service.begin()
        run.cancel()
        try await run.value
        #expect(await wippyError { try await transaction.execute(SQLStatement("SELECT 1")) }?.kind == .unavailable)
    }

    @Test("Other settings are taken while calls go on, and none of these fails")
    func otherSettings() async throws {
        let folder = try TemporaryFolder()
        let settings = SQLiteSettings(path: folder.file("a.db"))
        let service = SQLiteService(path: settings.path)
        try await service.running { database in
            try await database.execute("CREATE TABLE t (a)")
            let written = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var count = 0
                        do {
                            while true {
                                try await database.execute("INSERT INTO t VALUES (1)")
                                count += 1
                                let seen = try await database.first("SELECT count(*) FROM t", as: Int.self)
                                #expect(seen ?? 0 >= count)
                            }
                        } catch is CancellationError {
                            return count
                        }
                    }
                }
                for round in 1...20 {
                    var other = settings
                    other.readers = round % 3
                    other.busyTimeout = .seconds(3600)
                    other.synchronous = round % 2 == 0 ? .normal : .full
                    service.change(to: other)
                    try await eventually("round \(round) is in force") {
                        try await database.first("PRAGMA synchronous", as: Int.self) == 1 + round % 2
                    }
                }
                group.cancelAll()
                return try await group.reduce(0, +)
            }
            #expect(try await database.first("SELECT count(*) FROM t", as: Int.self) == written)
        }
    }

    @Test("A transaction that is held goes on where it began when other settings are taken")
    func heldTransaction() async throws {
        let folder = try TemporaryFolder()
        let log = LogRecorder()
        let service = SQLiteService(
            id: EntryID(namespace: "app", name: "db"), settings: SQLiteSettings(path: folder.file("a.db")),
            executors: SharedPoolExecutors(), log: Log(to: log))
        try await service.running { database in
            try await database.execute("CREATE TABLE t (a)")
            let transaction = try await service.begin()
            _ = try await transaction.execute(SQLStatement("INSERT INTO t VALUES (1)"))
            var other = SQLiteSettings(path: folder.file("a.db"))
            other.enforcesForeignKeys = true
            service.change(to: other)
            try await eventually { log.records.contains { $0.message == "the database is open with its new settings" } }
            _ = try await transaction.execute(SQLStatement("INSERT INTO t VALUES (2)"))
            #expect(try await database.first("SELECT count(*) FROM t", as: Int.self) == 0)
            try await transaction.commit()
            #expect(try await database.first("SELECT count(*) FROM t", as: Int.self) == 2)
        }
    }

    private func failure(of service: SQLiteService) async -> ServiceFailure? {
        await #expect(throws: ServiceFailure.self) {
            try await service.run(ready: { Issue.record("it was ready") }, stop: StopSignal())
        }
    }
}
