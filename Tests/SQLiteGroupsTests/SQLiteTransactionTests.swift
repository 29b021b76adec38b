import Glibc
import Testing
import WippyTestTools

@testable import SQLiteGroups

@Suite(.timeLimit(.minutes(15))) struct SQLiteTransactionTests {
    private struct Refusal: Error {}

    private let table = "CREATE TABLE t (id INTEGER PRIMARY KEY)"
    private let insert = "INSERT INTO t VALUES (?)"

    @Test("A transaction is kept when its body returns, and undone when it throws")
    func commitsOrRollsBack() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute(table)
            let seen = try await database.transaction { transaction in
                _ = try await transaction.execute(insert, [1])
                #expect(try await database.value("SELECT count(*) FROM t") == 0)
                return try await transaction.query("SELECT count(*) FROM t")[0][0]
            }
            #expect(seen == 1)
            await #expect(throws: Refusal.self) {
                try await database.transaction { transaction in
                    _ = try await transaction.execute(insert, [2])
                    throw Refusal()
                }
            }
            #expect(try await database.value("SELECT count(*) FROM t") == 1)
        }
    }

    @Test("A failed statement within a transaction undoes only itself")
    func failedStatement() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute(table)
            try await database.transaction { transaction in
                _ = try await transaction.execute(insert, [1])
                let error = await databaseError { _ = try await transaction.execute(insert, [1]) }
                #expect(error?.kind == .alreadyExists)
                _ = try await transaction.execute(insert, [2])
            }
            #expect(try await database.value("SELECT count(*) FROM t") == 2)
        }
    }

    @Test("Savepoints nest, and each can be undone by itself")
    func savepoints() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute(table)
            try await database.transaction { transaction in
                try await transaction.savepoint("outer") { transaction in
                    _ = try await transaction.execute(insert, [1])
                    await #expect(throws: Refusal.self) {
                        try await transaction.savepoint("inner") { transaction in
                            _ = try await transaction.execute(insert, [2])
                            throw Refusal()
                        }
                    }
                    _ = try await transaction.execute(insert, [3])
                }
                try await transaction.savepoint("by_hand")
                _ = try await transaction.execute(insert, [4])
                try await transaction.rollback(to: "by_hand")
                try await transaction.release("by_hand")
                let error = await databaseError { try await transaction.release("by_hand") }
                #expect(error?.kind == .invalid)
            }
            #expect(try await database.query("SELECT id FROM t ORDER BY id").map { $0[0] } == [1, 3])
        }
    }

    @Test("A savepoint's name is plain", arguments: ["", "a b", "a\"; DROP TABLE t; --", "é"])
    func savepointNames(_ name: String) async throws {
        try await withDatabase { database async throws in
            try await database.transaction { transaction in
                let error = await databaseError { try await transaction.savepoint(name) }
                #expect(error?.kind == .invalid)
            }
        }
    }

    @Test("VACUUM writes no other file")
    func vacuum() async throws {
        try await withFolder { folder in
            let other = folder + "/other.db"
            try await withDatabase { database async throws in
                _ = try await database.execute("CREATE TABLE t (x)")
                let error = await databaseError { _ = try await database.execute("VACUUM INTO '\(other)'") }
                #expect(error?.code == .authorization)
                #expect(error?.message.hasPrefix("VACUUM INTO is not allowed") == true)
                let inScript = await databaseError { try await database.executeScript("VACUUM INTO '\(other)'") }
                #expect(inScript == error)
                _ = try await database.execute("VACUUM")
            }
            #expect(access(other, F_OK) != 0)
        }
    }

    @Test(
        "Transactions are not controlled by text, and no other file is attached",
        arguments: [
            "BEGIN", "/* hidden */ ; begin immediate", "COMMIT", "ROLLBACK", "END", "SAVEPOINT a", "RELEASE a",
            "ATTACH '/tmp/other.db' AS other", "DETACH main", "PRAGMA journal_mode = DELETE",
            "PRAGMA synchronous = OFF",
            "PRAGMA locking_mode(EXCLUSIVE)",
        ])
    func refusedText(_ sql: String) async throws {
        try await withDatabase { database async throws in
            let calls = [
                { _ = try await database.execute(sql) }, { _ = try await database.query(sql) },
                { try await database.transaction { _ = try await $0.execute(sql) } },
                { try await database.transaction { try await $0.executeScript(sql) } },
            ]
            for call in calls {
                let error = await databaseError { try await call() }
                #expect(error?.code == .authorization)
            }
            _ = try await database.execute(table)
        }
    }

    @Test("A transaction left idle is rolled back, and its next call says so")
    func idle() async throws {
        let time = TestClock()
        try await withDatabase(time: time.source) {
            ($0.busyTimeout, $0.transactionIdleTimeout) = (.seconds(5), .seconds(30))
        } _: { database async throws in
            _ = try await database.execute(table)
            let transaction = try await database.begin()
            _ = try await transaction.execute(insert, [1])
            time.advance(by: .seconds(29), waking: database)
            _ = try await transaction.execute(insert, [2])
            time.advance(by: .seconds(29), waking: database)
            _ = try await transaction.execute(insert, [3])
            time.advance(by: .seconds(30), waking: database)
            #expect(try await database.execute(insert, [4]).rowsAffected == 1)
            for call in [
                { _ = try await transaction.execute(insert, [5]) }, { try await transaction.commit() },
            ] {
                let error = await databaseError { try await call() }
                #expect(error?.kind == .unavailable)
                #expect(error?.message.contains("idle for 30s") == true)
            }
            #expect(try await database.query("SELECT id FROM t").map { $0[0] } == [4])
        }
    }

    @Test("Writes wait for a transaction as long as the busy timeout, and then are unavailable")
    func othersWait() async throws {
        let time = TestClock()
        try await withDatabase(time: time.source) {
            ($0.busyTimeout, $0.transactionIdleTimeout) = (.seconds(5), .seconds(30))
        } _: { database async throws in
            _ = try await database.execute(table)
            let transaction = try await database.begin()
            let early = Task { try await database.execute(insert, [1]) }
            try await eventually("the first waits") { database.writesWaiting == 1 }
            time.advance(by: .seconds(3), waking: database)
            let late = Task { try await database.begin() }
            try await eventually("both wait") { database.writesWaiting == 2 }
            time.advance(by: .seconds(2), waking: database)
            let error = await databaseError { _ = try await early.value }
            #expect(error?.kind == .unavailable)
            #expect(error?.isRetryable == true)
            #expect(error?.message.contains("other transactions held the database for longer than 5s") == true)
            #expect(database.writesWaiting == 1)
            _ = try await transaction.execute(insert, [2])
            try await transaction.commit()
            let second = try await late.value
            _ = try await second.execute(insert, [3])
            try await second.commit()
            #expect(try await database.query("SELECT id FROM t").map { $0[0] } == [2, 3])
        }
    }

    @Test("A transaction that an error has rolled back refuses to go on")
    func lost() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute(table)
            let transaction = try await database.begin()
            _ = try await transaction.execute(insert, [1])
            let first = await databaseError {
                _ = try await transaction.execute("INSERT OR ROLLBACK INTO t VALUES (1)")
            }
            #expect(first?.kind == .alreadyExists)
            let second = await databaseError { try await transaction.commit() }
            #expect(second?.message.contains("an error rolled it back") == true)
            #expect(try await database.value("SELECT count(*) FROM t") == 0)
        }
    }

    @Test("A transaction that is over is not active any more")
    func over() async throws {
        try await withDatabase { database async throws in
            let transaction = try await database.begin()
            try await transaction.commit()
            for call in [{ try await transaction.commit() }, { _ = try await transaction.query("SELECT 1") }] {
                let error = await databaseError { try await call() }
                #expect(error?.kind == .invalid)
            }
        }
    }

    @Test("A transaction that nobody refers to is rolled back")
    func abandoned() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute(table)
            _ = try await database.begin().execute(insert, [1])
            _ = try await database.execute(insert, [2])
            #expect(try await database.query("SELECT id FROM t").map { $0[0] } == [2])
        }
    }

    @Test("A transaction whose task is cancelled is undone and leaves the database free")
    func cancelled() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute(table)
            let task = Task {
                try await database.transaction { transaction in
                    _ = try await transaction.execute(insert, [1])
                    withUnsafeCurrentTask { $0?.cancel() }
                    _ = try await transaction.execute(insert, [2])
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            _ = try await database.execute(insert, [3])
            #expect(try await database.query("SELECT id FROM t").map { $0[0] } == [3])
        }
    }

    @Test(
        "A transaction that only reads can ask what PRAGMAs and EXPLAIN tell",
        arguments: [
            "PRAGMA table_info(t)", "PRAGMA user_version", "PRAGMA foreign_keys", "PRAGMA integrity_check",
            "PRAGMA main.index_list(t)", "PRAGMA journal_mode", "SELECT * FROM pragma_foreign_keys",
            "EXPLAIN QUERY PLAN DELETE FROM t", "EXPLAIN CREATE TABLE u (id INTEGER)",
        ])
    func readOnlyQuestions(_ sql: String) async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute(table)
            let transaction = try await database.begin(isReadOnly: true)
            _ = try await transaction.query(sql)
            _ = try await transaction.execute(sql)
            try await transaction.commit()
        }
    }

    @Test(
        "A transaction that only reads refuses each statement that changes the database",
        arguments: [
            "PRAGMA user_version = 7", "PRAGMA optimize", "PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint",
            "PRAGMA wal_checkpoint(TRUNCATE)", "EXPLAIN PRAGMA user_version = 7", "DELETE FROM t",
            "INSERT INTO t VALUES (1) RETURNING id", "CREATE TABLE u (id INTEGER)", "CREATE TEMP TABLE u (id INTEGER)",
            "ANALYZE",
        ])
    func readOnlyChanges(_ sql: String) async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute(table)
            let transaction = try await database.begin(isReadOnly: true)
            let error = await databaseError { _ = try await transaction.execute(sql) }
            #expect(error?.kind == .invalid)
            #expect(error?.message.contains("the statement changes something") == true)
            try await transaction.commit()
            #expect(try await database.value("PRAGMA user_version") == 0)
        }
    }

    @Test("A script runs to its first failure, and does not leave a transaction open")
    func scripts() async throws {
        try await withDatabase { database async throws in
            try await database.executeScript("\(table); BEGIN; INSERT INTO t VALUES (1); COMMIT; -- done\n")
            for script in [
                "INSERT INTO t VALUES (2); INSERT INTO t VALUES (1); INSERT INTO t VALUES (3)",
                "BEGIN; INSERT INTO t VALUES (4); INSERT INTO t VALUES (1); COMMIT",
                "BEGIN; INSERT INTO t VALUES (5)", "INSERT INTO t VALUES (?)",
            ] {
                #expect(await databaseError { try await database.executeScript(script) } != nil)
            }
            #expect(try await database.query("SELECT id FROM t ORDER BY id").map { $0[0] } == [1, 2])
            try await database.executeScript("")
        }
    }
}
