import Glibc
import Testing
import WippyTestTools

@testable import SQLiteGroups

@Suite(.timeLimit(.minutes(15))) struct SQLiteDatabaseTests {
    @Test("The folders above the file are made")
    func folders() async throws {
        try await withFolder { folder in
            let path = folder + "/a/b//c/test.db"
            for _ in 0..<2 {
                let database = try await SQLiteDatabase.open(SQLiteSettings(path: path))
                await database.close()
            }
            #expect(access(path, F_OK) == 0)
        }
    }

    @Test(
        "The file has a write-ahead log, and synchronous is as configured",
        arguments: SQLiteSettings.Synchronous.allCases)
    func settings(_ synchronous: SQLiteSettings.Synchronous) async throws {
        try await withDatabase {
            $0.synchronous = synchronous
            $0.enforcesForeignKeys = true
        } _: { database async throws in
            #expect(try await database.value("PRAGMA journal_mode") == "wal")
            #expect(try await database.value("PRAGMA synchronous") == .integer(synchronous.number))
            #expect(try await database.value("PRAGMA foreign_keys") == 1)
            // Read by a connection that only reads.
            #expect(try await database.value("SELECT * FROM pragma_foreign_keys") == 1)
            #expect(try await database.value("SELECT * FROM pragma_synchronous") == .integer(synchronous.number))
        }
    }

    @Test("Further settings are those of a list, with their values checked")
    func pragmas() async throws {
        let pragmas = [
            try #require(SQLitePragma(name: "cache_size", value: "-4000")),
            try #require(SQLitePragma(name: "TEMP_STORE", value: "memory")),
            try #require(SQLitePragma(name: "recursive_triggers", value: "true")),
        ]
        try await withDatabase {
            $0.pragmas = pragmas
        } _: { database async throws in
            #expect(try await database.value("PRAGMA cache_size") == -4000)
            #expect(try await database.value("PRAGMA temp_store") == 2)
            #expect(try await database.value("PRAGMA recursive_triggers") == 1)
        }
        for (name, value) in [
            ("journal_mode", "OFF"), ("cache_size", "1; DROP TABLE t"), ("cache_size", ""), ("mmap_size", "-1"),
            ("temp_store", "DISK"), ("temp_store", "true"), ("", "1"),
        ] {
            #expect(SQLitePragma(name: name, value: value) == nil)
        }
    }

    @Test("The log is moved into the database when it has as many pages as was said", arguments: [8, 64])
    func checkpoints(pages: Int) async throws {
        let interval = try #require(SQLitePragma(name: "wal_autocheckpoint", value: "\(pages)"))
        try await withDatabase {
            $0.pragmas = [interval]
        } _: { database async throws in
            _ = try await database.execute("CREATE TABLE t (a)")
            for _ in 0..<200 { _ = try await database.execute("INSERT INTO t VALUES (zeroblob(3000))") }
            var log = stat()
            #expect(stat(database.settings.path + "-wal", &log) == 0)
            // A page has 4,096 bytes and 24 of the log's own, and a commit has a few of them.
            #expect(log.st_size <= (pages + 8) * 4120 && log.st_size >= pages * 4120)
        }
    }

    @Test(
        "Settings out of range are refused",
        arguments: [
            { $0.path = "" }, { $0.path = "a\0b" }, { $0.readers = 65 }, { $0.readers = -1 }, { $0.maxWaiting = 0 },
            { $0.busyTimeout = .seconds(-1) }, { $0.transactionIdleTimeout = .zero }, { $0.maxCachedStatements = 0 },
        ] as [@Sendable (inout SQLiteSettings) -> Void])
    func validation(_ change: @Sendable (inout SQLiteSettings) -> Void) async throws {
        var settings = SQLiteSettings(path: ":memory:")
        change(&settings)
        let refused = settings
        let error = await databaseError { _ = try await SQLiteDatabase.open(refused) }
        #expect(error?.kind == .invalid)
    }

    @Test("A connection keeps a bounded number of statements, those used last")
    func statementCache() throws {
        let interruption = Interruption(time: .system, halt: HaltFlag())
        var settings = SQLiteSettings(path: ":memory:")
        settings.maxCachedStatements = 3
        let connection = try SQLiteConnection.writing(settings, interruption: interruption)
        let kept = try connection.statement("SELECT 0")
        for number in 1...20 {
            _ = try connection.statement("SELECT \(number)")
            #expect(try connection.statement("SELECT 0") === kept)
        }
        #expect(connection.cachedStatements.count == 3)
    }

    @Test("Kept statements take a mebibyte at most, and long texts are not kept")
    func statementBytes() throws {
        let interruption = Interruption(time: .system, halt: HaltFlag())
        let connection = try SQLiteConnection.writing(SQLiteSettings(path: ":memory:"), interruption: interruption)
        for length in stride(from: 100, through: 20_000, by: 150) {
            let list = Array(repeating: "?", count: length).joined(separator: ", ")
            let values = (0..<length).map { SQLiteValue.integer(Int64($0)) }
            let found = try connection.query("SELECT 1 WHERE 7 IN (\(list))", values) { try $0.next() }
            #expect(found)
            #expect(connection.cachedStatements.bytes <= StatementCache.maxBytes)
        }
        let kept = connection.cachedStatements
        #expect(kept.count > 3 && kept.bytes > kept.count * 100)
    }

    @Test("A path means the file of that name", arguments: ["a?mode=memory", "b#c", "d%20e", "file:x.db", ":x", "~"])
    func literalPaths(name: String) async throws {
        try await withFolder { folder in
            let database = try await SQLiteDatabase.open(SQLiteSettings(path: "\(folder)/\(name)/x.db"))
            _ = try await database.execute("CREATE TABLE t (id)")
            await database.close()
            #expect(access("\(folder)/\(name)/x.db", F_OK) == 0)
        }
        #expect(SQLiteSettings(path: "file:x").literalPath == "./file:x")
        #expect(SQLiteSettings(path: "FILE:x").literalPath == "./FILE:x")
        #expect(SQLiteSettings(path: ":memory:").literalPath == ":memory:")
        #expect(SQLiteSettings(path: ":x").literalPath == "./:x")
    }

    @Test("Closing waits for what is queued, and refuses what comes after")
    func close() async throws {
        try await withFolder { folder in
            let settings = SQLiteSettings(path: folder + "/test.db")
            let database = try await SQLiteDatabase.open(settings)
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            let transaction = try await database.begin()
            let writes = (0..<20).map { _ in Task { try await database.execute("INSERT INTO t DEFAULT VALUES") } }
            try await eventually("all wait") { database.writesWaiting == 20 }
            let closing = Task { await database.close() }
            try await eventually("closing has begun") {
                await (try? database.query("SELECT 1")) == nil
            }
            _ = try await transaction.execute("INSERT INTO t DEFAULT VALUES")
            try await transaction.commit()
            for write in writes {
                _ = try await write.value
            }
            await closing.value
            await database.close()
            for call in [
                { _ = try await database.execute("DELETE FROM t") }, { _ = try await database.query("SELECT 1") },
                { _ = try await database.begin() },
            ] {
                let error = await databaseError { try await call() }
                #expect(error?.kind == .unavailable)
                #expect(error?.message == "the database is closed")
            }
            #expect(access(settings.path + "-wal", F_OK) != 0)
            let again = try await SQLiteDatabase.open(settings)
            #expect(try await again.value("SELECT count(*) FROM t") == 21)
            await again.close()
        }
    }

    @Test("Closing that is cancelled cuts short what runs and refuses what is queued")
    func closeCancelled() async throws {
        try await withDatabase {
            $0.readers = 1
        } _: { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            let transaction = try await database.begin()
            _ = try await transaction.execute("INSERT INTO t DEFAULT VALUES")
            let write = Task { try await database.execute("INSERT INTO t DEFAULT VALUES") }
            try await eventually("the write waits") { database.writesWaiting == 1 }
            let begun = Counter()
            let query = Task {
                try await database.query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT i FROM n")
                {
                    while try $0.next() { begun.increment() }
                }
            }
            try await eventually("the query runs") { begun.value > 0 }
            let closing = Task { await database.close() }
            closing.cancel()
            await closing.value
            let refused = await databaseError { _ = try await write.value }
            #expect(refused?.kind == .unavailable)
            let interrupted = await databaseError { try await query.value }
            #expect(interrupted?.kind == .unavailable)
            let lost = await databaseError { try await transaction.commit() }
            #expect(lost?.kind == .unavailable)
            let other = try otherConnection(to: database.settings.path)
            #expect(try other.query("SELECT count(*) FROM t", []) { try SQLiteRows(&$0, maxBytes: 100).cells } == [0])
        }
    }

    @Test("A database that nobody refers to releases its file")
    func dropped() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            _ = try await SQLiteDatabase.open(SQLiteSettings(path: path)).execute("CREATE TABLE t (id)")
            try await eventually("the log is removed") { access(path + "-wal", F_OK) != 0 }
        }
    }
}
