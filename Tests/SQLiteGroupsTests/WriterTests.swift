import Synchronization
import Testing
import WippyTestTools

@testable import SQLiteGroups

@Suite(.timeLimit(.minutes(15))) struct WriterTests {
    /// Runs calls that all wait behind a transaction, so that the writer finds them together.
    private func together(
        _ database: SQLiteDatabase, _ statements: [(String, [SQLiteValue])]
    ) async throws -> [Result<SQLiteChanges, any Error>] {
        let transaction = try await database.begin()
        let tasks = try await queued(statements.count, in: database) { index in
            try await database.execute(statements[index].0, statements[index].1)
        }
        try await transaction.rollback()
        var results: [Result<SQLiteChanges, any Error>] = []
        for task in tasks {
            results.append(await task.result)
        }
        return results
    }

    /// Starts tasks one after another, each when the call of the one before waits.
    private func queued<Value: Sendable>(
        _ count: Int, in database: SQLiteDatabase, _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Task<Value, any Error>] {
        var tasks: [Task<Value, any Error>] = []
        for index in 0..<count {
            tasks.append(Task { try await body(index) })
            try await eventually("call \(index) waits") { database.writesWaiting == index + 1 }
        }
        return tasks
    }

    @Test("A caller from elsewhere wakes the writer at once, although another executor was to do it soon")
    func wakeUps() async throws {
        let promised = Mutex<[@Sendable () -> Void]>([])
        try await withFolder { folder in
            let database = try await SQLiteDatabase.open(
                SQLiteSettings(path: folder + "/test.db"),
                wakingUp: { wake in
                    // The first executor is held up; whoever comes from elsewhere is not.
                    let isFirst = promised.withLock { promised in
                        promised.append(wake)
                        return promised.count == 1
                    }
                    if !isFirst { wake() }
                })
            let first = Task { try await database.execute("CREATE TABLE t (a)") }
            try await eventually("the first call waits") { promised.withLock { $0.count } == 1 }
            _ = try await database.execute("INSERT INTO t VALUES (1)")
            _ = try await first.value
            // Too late, and harmless.
            promised.withLock { $0.first }?()
            #expect(try await database.query("SELECT a FROM t").map { $0[0] } == [1])
            await database.close()
        }
    }

    @Test("Writes that queue together share a commit, and one that fails fails alone")
    func group() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            let before = database.commitCount
            let ids: [SQLiteValue] = [1, 2, 3, 2, 4, 5, 6, 7]
            let results = try await together(database, ids.map { ("INSERT INTO t VALUES (?)", [$0]) })
            #expect(database.commitCount == before + 1)
            for (index, result) in results.enumerated() {
                switch result {
                case .success(let changes):
                    #expect(.integer(changes.lastInsertRowID) == ids[index] && changes.rowsAffected == 1)
                case .failure(let error):
                    #expect(index == 3)
                    #expect((error as? SQLiteError)?.kind == .alreadyExists)
                }
            }
            #expect(try await database.value("SELECT count(*) FROM t") == 7)
        }
    }

    @Test("A commit that is to wait for the disk fails if it cannot, and others do not")
    func commitLevel() async throws {
        try await withFolder { folder in
            let connection = try otherConnection(to: folder + "/test.db")
            let calls = [nil, .off, .normal, .full, .extra].map { level in
                Call(mode: .statement, synchronous: level) { _, _ in }
            }
            #expect(connection.commitsWait(for: [calls[3]]).count == 1)
            #expect(try connection.control("PRAGMA synchronous") == 2)
            #expect(connection.commitsWait(for: [calls[0], calls[2]]).count == 2)
            #expect(try connection.control("PRAGMA synchronous") == 1)
            // SQLite does not change the setting in a transaction.
            try connection.begin()
            for (index, call) in calls.enumerated() {
                let error = await databaseError {
                    try await call.answerUncancelled { call in
                        let able = connection.commitsWait(for: calls)
                        #expect(
                            able.map { $0 === calls[0] || $0 === calls[1] || $0 === calls[2] } == [true, true, true])
                        if index < 3 { call.refuse(SQLiteError.closed) }
                    }
                }
                #expect((error?.message.hasPrefix("cannot set 'synchronous': ") == true) == (index >= 3))
            }
        }
    }

    @Test("Many tasks writing at once lose nothing and commit less often than they write")
    func manyWriters() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (task INTEGER, number INTEGER)")
            let before = database.commitCount
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        for number in 0..<50 {
                            _ = try await database.execute(
                                "INSERT INTO t VALUES (?, ?)", [.integer(Int64(task)), .integer(Int64(number))])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.value("SELECT count(*) FROM t") == 3200)
            let disordered = """
                SELECT count(*) FROM (
                    SELECT number - lag(number) OVER (PARTITION BY task ORDER BY rowid) AS step FROM t) WHERE step <> 1
                """
            #expect(try await database.value(disordered) == 0)
            #expect(database.commitCount - before < 3200)
        }
    }

    @Test(
        "A statement that rolls back the whole group takes nobody with it",
        arguments: [
            "INSERT OR ROLLBACK INTO t VALUES (1, 'again')",
            "INSERT INTO t VALUES (100, 'rolled back by a trigger')",
            "INSERT INTO t VALUES (1, 'by a constraint') ON CONFLICT (id) DO UPDATE SET id = 100",
        ])
    func rollbackInGroup(_ statement: String) async throws {
        try await withDatabase { database async throws in
            try await database.executeScript(
                """
                CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK, name TEXT);
                INSERT INTO t VALUES (1, 'first');
                CREATE TRIGGER no_100 BEFORE INSERT ON t WHEN new.id = 100 BEGIN SELECT RAISE(ROLLBACK, 'no 100'); END;
                CREATE TRIGGER to_100 BEFORE UPDATE ON t WHEN new.id = 100 BEGIN SELECT RAISE(ROLLBACK, 'no 100'); END;
                """)
            let insert = "INSERT INTO t VALUES (?, 'other')"
            let results = try await together(
                database, [(insert, [10]), (insert, [11]), (statement, []), (insert, [12]), (insert, [13])])
            for (index, result) in results.enumerated() {
                #expect((try? result.get()) != nil || index == 2)
            }
            #expect(throws: SQLiteError.self) { try results[2].get() }
            let ids = try await database.query("SELECT id FROM t ORDER BY id").map { $0[0] }
            #expect(ids == [1, 10, 11, 12, 13])
        }
    }

    @Test("A group whose commit fails is repeated one by one: only who violates a deferred key fails")
    func commitFails() async throws {
        try await withDatabase {
            $0.enforcesForeignKeys = true
        } _: { database async throws in
            try await database.executeScript(
                """
                CREATE TABLE parent (id INTEGER PRIMARY KEY);
                INSERT INTO parent VALUES (1);
                CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
                """)
            let insert = "INSERT INTO child VALUES (?)"
            let results = try await together(database, [(insert, [1]), (insert, [2]), (insert, [1])])
            #expect((try? results[0].get())?.rowsAffected == 1)
            #expect((try? results[2].get())?.rowsAffected == 1)
            #expect { try results[1].get() } throws: { ($0 as? SQLiteError)?.code == .constraintForeignKey }
            #expect(try await database.value("SELECT count(*) FROM child WHERE parent = 1") == 2)
            #expect(try await database.value("SELECT count(*) FROM child") == 2)
        }
    }

    @Test("Schema changes, PRAGMA and VACUUM take their turn among other writes")
    func runsAlone() async throws {
        try await withDatabase { database async throws in
            let results = try await together(
                database,
                [
                    ("CREATE TABLE t (id INTEGER PRIMARY KEY)", []), ("INSERT INTO t VALUES (1)", []),
                    ("PRAGMA user_version = 7", []), ("INSERT INTO t VALUES (2)", []), ("VACUUM", []),
                    ("ALTER TABLE t ADD COLUMN name", []), ("INSERT INTO t VALUES (3, 'c')", []),
                ])
            for result in results {
                #expect(throws: Never.self) { try result.get() }
            }
            #expect(try await database.value("SELECT count(*) FROM t") == 3)
            #expect(try await database.value("PRAGMA user_version") == 7)
        }
    }

    @Test("A statement that asks for a rollback in its text risks nobody's group")
    func rollbackInText() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            let before = database.commitCount
            let insert = ("INSERT INTO t DEFAULT VALUES", [] as [SQLiteValue])
            let alone = ("insert or rollback into t default values", [] as [SQLiteValue])
            _ = try await together(database, [insert, insert, alone, insert, insert])
            #expect(database.commitCount == before + 3)
            #expect(try await database.value("SELECT count(*) FROM t") == 5)
        }
    }

    @Test("What a statement changed is counted for itself only")
    func changes() async throws {
        try await withDatabase { database async throws in
            let none = SQLiteChanges(rowsAffected: 0, lastInsertRowID: 0)
            #expect(try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n)") == none)
            let inserted = try await database.execute("INSERT INTO t (n) VALUES (1), (2), (3)")
            #expect(inserted == SQLiteChanges(rowsAffected: 3, lastInsertRowID: 3))
            #expect(try await database.execute("INSERT OR IGNORE INTO t (id) VALUES (1)") == none)
            #expect(try await database.execute("UPDATE t SET n = 0 WHERE id > 5") == none)
            let updated = try await database.execute("UPDATE t SET n = 0 WHERE id > 1")
            #expect(updated == SQLiteChanges(rowsAffected: 2, lastInsertRowID: 0))
            #expect(try await database.execute("SELECT * FROM t") == none)
            #expect(try await database.execute("DELETE FROM t").rowsAffected == 3)
        }
    }

    @Test("A write past the mailbox's bound is refused at once, and those before it are done")
    func bound() async throws {
        try await withDatabase {
            $0.maxWaiting = 3
        } _: { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            let transaction = try await database.begin()
            let tasks = try await queued(3, in: database) { _ in
                try await database.execute("INSERT INTO t DEFAULT VALUES")
            }
            let error = await databaseError { _ = try await database.execute("INSERT INTO t DEFAULT VALUES") }
            #expect(error?.kind == .unavailable)
            #expect(error?.isRetryable == true)
            try await transaction.commit()
            for task in tasks {
                #expect(try await task.value.rowsAffected == 1)
            }
            #expect(try await database.value("SELECT count(*) FROM t") == 3)
        }
    }

    @Test("A transaction ends, however many of its calls wait")
    func endBesideWaitingCalls() async throws {
        try await withDatabase {
            $0.maxWaiting = 1
        } _: { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            let transaction = try await database.begin()
            let (begun, goesOn) = (Counter(), Counter())
            let running = Task {
                try await transaction.query(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
                ) { cursor in
                    while goesOn.value == 0, try cursor.next() { begun.increment() }
                }
            }
            try await eventually("the call runs") { begun.value > 0 }
            let refused = Counter()
            let waiting = (0..<2).map { _ in
                Task {
                    do {
                        _ = try await transaction.execute("INSERT INTO t DEFAULT VALUES")
                    } catch let error as SQLiteError where error.isRetryable {
                        refused.increment()
                    }
                }
            }
            try await eventually("one of two is refused") { refused.value == 1 }
            let commit = Task { try await transaction.commit() }
            goesOn.increment()
            try await commit.value
            try await running.value
            for task in waiting { try await task.value }
            #expect(try await database.value("SELECT count(*) FROM t") == 1)
        }
    }

    @Test("A waiting write whose task is cancelled is withdrawn")
    func cancelledWhileWaiting() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            let transaction = try await database.begin()
            let tasks = try await queued(3, in: database) { index in
                try await database.execute("INSERT INTO t VALUES (?)", [.integer(Int64(index))])
            }
            tasks[1].cancel()
            await #expect(throws: CancellationError.self) { try await tasks[1].value }
            try await transaction.rollback()
            #expect(try await tasks[0].value.rowsAffected == 1)
            #expect(try await tasks[2].value.rowsAffected == 1)
            #expect(try await database.query("SELECT id FROM t ORDER BY id").map { $0[0] } == [0, 2])
        }
    }

    @Test("A call of a cancelled task does nothing")
    func cancelledBefore() async throws {
        try await withDatabase { database async throws in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await database.execute("CREATE TABLE t (id)")
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await database.value("SELECT count(*) FROM sqlite_master") == 0)
        }
    }

    @Test("A write that has begun is finished although its task is cancelled")
    func cancelledWhileRunning() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER)")
            let begun = Counter()
            let task = Task {
                try await database.query("INSERT INTO t VALUES (1), (2) RETURNING id") { cursor in
                    begun.increment()
                    while !Task.isCancelled, try cursor.next() {}
                    return cursor.columnCount
                }
            }
            try await eventually("the statement runs") { begun.value > 0 }
            task.cancel()
            #expect(try await task.value == 1)
            #expect(try await database.value("SELECT count(*) FROM t") == 2)
        }
    }
}
