import Glibc
import Testing
import WippyTestTools

@testable import SQLiteGroups

@Suite(.timeLimit(.minutes(15))) struct SQLiteQueryTests {
    private let numbers =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) SELECT i, -i AS m FROM n"

    @Test("Rows are a collection of their cells")
    func rows() async throws {
        try await withDatabase { database async throws in
            let rows = try await database.query(numbers, [3])
            #expect(rows.columnNames == ["i", "m"])
            #expect(rows.count == 3)
            #expect(rows.map { $0["m"] } == [-1, -2, -3])
            #expect(rows[1]["other"] == nil)
            let none = try await database.query("SELECT 1 AS one WHERE false")
            #expect(none.isEmpty && none.columnNames == ["one"])
            #expect(try await database.query("PRAGMA user_version = 1").isEmpty)
        }
    }

    @Test("A cursor reads cells as they are stored, converts as SQLite does, and knows no other columns")
    func cursor() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (done BOOLEAN, n, note TEXT)")
            _ = try await database.execute("INSERT INTO t VALUES (1, 2.5, '12 apples')")
            try await database.query("SELECT *, NULL FROM t") { cursor in
                #expect(cursor.value(0) == .null)
                _ = try cursor.next()
                #expect(cursor.columnNames == ["done", "n", "note", "NULL"])
                #expect(cursor.declaredType(0) == "BOOLEAN")
                #expect(cursor.declaredType(3) == nil)
                #expect((0..<4).map { cursor.storageClass($0) } == [.integer, .real, .text, .null])
                #expect(cursor.integer(0) == 1 && cursor.real(1) == 2.5 && cursor.integer(2) == 12)
                #expect(cursor.text(3) == "" && cursor.blob(3) == [] && cursor.integer(3) == 0)
                for column in [-1, 4, Int.max, Int.min] {
                    #expect(cursor.value(column) == .null && cursor.text(column) == "")
                }
                #expect(try cursor.next() == false)
                #expect(try cursor.next() == false)
                #expect(cursor.value(0) == .null)
            }
        }
    }

    @Test("What the reading closure throws is thrown, and the reader serves on")
    func closureThrows() async throws {
        struct Refusal: Error {}
        try await withDatabase {
            $0.readers = 1
        } _: { database async throws in
            for _ in 0..<3 {
                await #expect(throws: Refusal.self) {
                    try await database.query(numbers, [5]) { cursor in
                        _ = try cursor.next()
                        throw Refusal()
                    }
                }
            }
            #expect(try await database.query(numbers, [5]).count == 5)
        }
    }

    @Test("As many queries run at one time as there are readers")
    func parallelQueries() async throws {
        try await withDatabase { database async throws in
            let running = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await database.query("SELECT 1") { _ in
                            running.increment()
                            let limit = ContinuousClock.now + .seconds(60)
                            while running.value < 4, ContinuousClock.now < limit { sched_yield() }
                        }
                        #expect(running.value == 4)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("A query sees each write that has returned", arguments: [0, 1, 4])
    func readsItsWrites(readers: Int) async throws {
        try await withDatabase {
            $0.readers = readers
        } _: { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            for count in 1...200 {
                _ = try await database.execute("INSERT INTO t DEFAULT VALUES")
                #expect(try await database.value("SELECT count(*) FROM t") == .integer(Int64(count)))
            }
        }
    }

    @Test("A query that changes something is a write, and returns its rows")
    func returning() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n)")
            let sql = "INSERT INTO t (n) VALUES (?), (?) RETURNING id, n"
            #expect(try await database.query(sql, [5, 6]).cells == [1, 5, 2, 6])
            // A reader that stops early does not stop the statement.
            let first = try await database.query(sql, [7, 8]) { cursor in
                _ = try cursor.next()
                return cursor.integer(0)
            }
            #expect(first == 3)
            #expect(try await database.value("SELECT sum(n) FROM t") == 26)
        }
    }

    @Test("A statement follows the table when its columns change")
    func schemaChange() async throws {
        try await withDatabase {
            $0.readers = 1
        } _: { database async throws in
            _ = try await database.execute("CREATE TABLE t (a)")
            _ = try await database.execute("INSERT INTO t VALUES (1)")
            #expect(try await database.query("SELECT * FROM t").columnNames == ["a"])
            _ = try await database.execute("ALTER TABLE t ADD COLUMN b DEFAULT 2")
            let rows = try await database.query("SELECT * FROM t")
            #expect(rows.columnNames == ["a", "b"])
            #expect(rows.cells == [1, 2])
            _ = try await database.execute("ALTER TABLE t RENAME COLUMN a TO c")
            #expect(try await database.query("SELECT * FROM t").columnNames == ["c", "b"])
        }
    }

    @Test("A running query is interrupted when its task is cancelled, and the next one is not", arguments: [0, 1])
    func cancelledWhileRunning(readers: Int) async throws {
        try await withDatabase {
            $0.readers = readers
        } _: { database async throws in
            let begun = Counter()
            let task = Task {
                try await database.query(numbers, [.integer(.max)]) { cursor in
                    while try cursor.next() { begun.increment() }
                }
            }
            try await eventually("the query runs") { begun.value > 0 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await database.query(numbers, [100_000]).count == 100_000)
        }
    }

    @Test("Rows past the bound are refused with a sentence")
    func resultBound() async throws {
        try await withDatabase {
            $0.maxResultBytes = 3200
        } _: { database async throws in
            #expect(try await database.query(numbers, [100]).count == 100)
            let error = await databaseError { _ = try await database.query(numbers, [101]) }
            #expect(error?.kind == .invalid)
        }
    }

    @Test("A text or a blob that could not be read is not made")
    func valueBound() async throws {
        try await withDatabase {
            $0.maxResultBytes = 1 << 20
        } _: { database async throws in
            for sql in ["SELECT randomblob(2000000) IS NULL", "SELECT length(hex(zeroblob(800000)))"] {
                let error = await databaseError { _ = try await database.query(sql) }
                #expect(error?.message.contains("too big") == true, "\(sql): \(String(describing: error))")
            }
        }
    }

    @Test("Queries past the queue's bound are refused at once")
    func queueBound() async throws {
        try await withDatabase {
            $0.readers = 1
            $0.maxWaiting = 2
        } _: { database async throws in
            let begun = Counter()
            let runs = Task {
                try await database.query(numbers, [.integer(.max)]) { cursor in
                    while try cursor.next() { begun.increment() }
                }
            }
            try await eventually("the query runs") { begun.value > 0 }
            let refused = Counter()
            let waiting = (0..<3).map { _ in
                Task {
                    do {
                        _ = try await database.query(numbers, [1])
                    } catch let error as SQLiteError where error.isRetryable {
                        refused.increment()
                    }
                }
            }
            try await eventually("one of three is refused") { refused.value == 1 }
            runs.cancel()
            for task in waiting {
                try await task.value
            }
            #expect(refused.value == 1)
            await #expect(throws: CancellationError.self) { try await runs.value }
        }
    }

    @Test("In memory all callers share one database")
    func inMemory() async throws {
        let database = try await SQLiteDatabase.open(SQLiteSettings(path: ":memory:"))
        _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    _ = try await database.execute("INSERT INTO t DEFAULT VALUES")
                    _ = try await database.query("SELECT * FROM t")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.value("SELECT count(*) FROM t") == 50)
        await database.close()
    }
}
