import SQLiteGroups
import Testing
import WippyRuntime
import WippySQL

@testable import WippySQLite

@Suite("Transactions")
struct SQLTransactionTests {
    struct Failure: Error {}

    @Test("A transaction is kept when its body returns")
    func commit() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a)")
            let count = try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO t VALUES (\(1))")
                try await transaction.execute(InsertRows(into: "t").values(2))
                #expect(try await transaction.json("SELECT a FROM t").bytes == Array(#"[{"a":1},{"a":2}]"#.utf8))
                return try await transaction.first("SELECT count(*) FROM t", as: Int.self)
            }
            #expect(count == 2)
            #expect(try await database.query("SELECT a FROM t", as: Int.self) == [1, 2])
        }
    }

    @Test("A transaction is undone when its body throws")
    func rollback() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a)")
            await #expect(throws: Failure.self) {
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    throw Failure()
                }
            }
            #expect(try await database.rows("SELECT a FROM t").isEmpty)
            try await database.execute("INSERT INTO t VALUES (2)")
        }
    }

    @Test("A part of a transaction is undone by itself, also within another part")
    func savepoints() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a)")
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO t VALUES (1)")
                try await transaction.savepoint {
                    try await transaction.execute("INSERT INTO t VALUES (2)")
                    await #expect(throws: Failure.self) {
                        try await transaction.savepoint {
                            try await transaction.execute("INSERT INTO t VALUES (3)")
                            throw Failure()
                        }
                    }
                }
                try await transaction.savepoint("named")
                try await transaction.execute("INSERT INTO t VALUES (4)")
                try await transaction.rollback(to: "named")
                try await transaction.release("named")
            }
            #expect(try await database.query("SELECT a FROM t", as: Int.self) == [1, 2])
        }
    }

    @Test("A part of a transaction is undone as a whole, whatever savepoints its body has named")
    func savepointsInAPart() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a)")
            try await database.transaction { transaction in
                _ = await #expect(throws: Failure.self) {
                    try await transaction.savepoint {
                        try await transaction.execute("INSERT INTO t VALUES (1)")
                        try await transaction.savepoint("part")
                        throw Failure()
                    }
                }
            }
            #expect(try await database.rows("SELECT a FROM t").isEmpty)
        }
    }

    @Test("A transaction of a cancelled task is undone, and so is a part of it whose failure is caught")
    func cancelled() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a)")
            let task = Task {
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await transaction.execute("INSERT INTO t VALUES (2)")
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await database.rows("SELECT a FROM t").isEmpty)

            let caught = Task {
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (3)")
                    try? await transaction.savepoint {
                        try await transaction.execute("INSERT INTO t VALUES (4)")
                        withUnsafeCurrentTask { $0?.cancel() }
                        try Task.checkCancellation()
                    }
                }
            }
            try await caught.value
            #expect(try await database.query("SELECT a FROM t", as: Int.self) == [3])
        }
    }

    @Test("A savepoint's name is letters, digits and _")
    func savepointNames() async throws {
        try await withDatabase { database in
            let transaction = try await database.begin()
            for name in ["", "a b", "a\"; DROP TABLE t", "ä"] {
                #expect(await wippyError { try await transaction.savepoint(name) }?.kind == .invalid)
            }
            try await transaction.rollback()
        }
    }

    @Test("After its end a transaction refuses every call")
    func ended() async throws {
        try await withDatabase { database in
            let transaction = try await database.begin()
            try await transaction.execute("CREATE TABLE t (a)")
            try await transaction.commit()
            #expect(await wippyError { try await transaction.execute("INSERT INTO t VALUES (1)") }?.kind == .invalid)
            #expect(await wippyError { try await transaction.commit() }?.kind == .invalid)
        }
    }

    @Test("A change through the database within a transaction waits, and is then unavailable and may be retried")
    func busy() async throws {
        try await withDatabase {
            $0.busyTimeout = .milliseconds(20)
        } _: { database in
            try await database.execute("CREATE TABLE t (a)")
            try await database.transaction { _ in
                let error = await wippyError { try await database.execute("INSERT INTO t VALUES (1)") }
                #expect(error?.kind == .unavailable)
                #expect(error?.isRetryable == true)
                let rows = try await database.rows("SELECT a FROM t")
                #expect(rows.isEmpty)
            }
        }
    }
}
