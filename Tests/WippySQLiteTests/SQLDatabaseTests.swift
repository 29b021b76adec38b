import CWippySQLite
import SQLiteGroups
import Testing
import WippyRuntime
import WippySQL
import WippyValues

@testable import WippySQLite

@Suite("Database")
struct SQLDatabaseTests {
    @Test("What is inserted is read back by name and by index, with its type")
    func values() async throws {
        try await withDatabase { database in
            try await database.execute(
                "CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n TEXT, f BOOLEAN, d DATETIME)")
            let date = "2024-01-02 03:04:05"
            let changes = try await database.execute(
                "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)",
                [Int.min, 2.5, "x\0'é", [0, 255] as [UInt8], nil, true, date])
            #expect(changes == SQLChanges(rowsAffected: 1, lastInsertID: 1))
            let rows = try await database.rows("SELECT * FROM t")
            #expect(rows.count == 1)
            #expect(rows.columns == ["i", "r", "s", "b", "n", "f", "d"])
            #expect(rows.cells == [.integer(.min), 2.5, "x\0'é", .bytes([0, 255]), nil, true, .string(date)])
            let row = try #require(rows.first)
            #expect(row["r"] == 2.5)
            #expect(row[0] == .integer(.min))
            #expect(row["n"] == .null)
            #expect(row["none"] == nil)
            #expect(row[7] == nil)
            #expect(row.map["n"] == nil)
            #expect(row.map["f"] == true)
        }
    }

    @Test("Truth values are bound as 1 and 0, and are truth values again where the column is declared BOOLEAN")
    func booleans() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a boolean, b INTEGER)")
            try await database.execute("INSERT INTO t VALUES (\(true), \(true)), (\(false), \(false)), (NULL, NULL)")
            #expect(
                try await database.rows("SELECT a, b, typeof(a) FROM t").cells == [
                    true, 1, "integer", false, 0, "integer", nil, nil, "null",
                ])
            #expect(
                try await database.json("SELECT a, b FROM t").bytes
                    == Array(
                        #"[{"a":true,"b":1},{"a":false,"b":0},{}]"#.utf8))
        }
    }

    @Test("Lists and maps are refused, not bound as NULL", arguments: [[1], ["a": 1]] as [Value])
    func refused(_ value: Value) async throws {
        try await withDatabase { database in
            let error = await wippyError { _ = try await database.rows("SELECT ?, ?", [1, value]) }
            #expect(error?.kind == .invalid)
            #expect(error?.message.hasPrefix("argument 2 is a \(value.list == nil ? "map" : "list"), which") == true)
            await #expect(throws: WippyError.self) {
                try await database.execute(InsertRows(into: "t").values(row: [value]))
            }
        }
    }

    private static let hostile = [
        "'; DROP TABLE tasks; --", "\" OR 1=1", "?", "$1", "x' OR 'a'='a", "\0", "é\u{0301}", "%", "\\", "",
    ]

    @Test("Hostile text is stored and found as it is", arguments: hostile)
    func hostileText(_ text: String) async throws {
        try await withDatabase { database in
            try await database.execute(createTasks)
            try await database.execute(
                InsertRows(into: "tasks").columns("id", "payload", "created_at").values("1", text, 1))
            let byText = try await database.rows("SELECT payload FROM tasks WHERE payload = \(text)")
            #expect(byText.cells == [.string(text)])
            let built = SelectRows("payload").from("tasks").where(.equal("payload", [text]))
            #expect(try await database.rows(built).cells == [.string(text)])
            #expect(try await database.json(built).count == 1)
            #expect(try await database.rows("SELECT count(*) FROM tasks").cells == [1])
        }
    }

    @Test("The first row is read, and nothing if there is none")
    func first() async throws {
        try await withDatabase { database in
            let numbers: SQL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
            let row = try await database.first(numbers)
            #expect(row?["i"] == 1)
            #expect(try await database.first(numbers, as: Int.self) == 1)
            #expect(try await database.first("SELECT 1 WHERE 0") == nil)
            #expect(try await database.first(SelectRows("1").where("0"), as: Int.self) == nil)
        }
    }

    @Test("JSON has sorted keys, no key for NULL, the last of columns of one name, and Base64 for bytes")
    func json() async throws {
        try await withDatabase { database in
            let json = try await database.json(
                """
                SELECT 1 AS b, 'x"\n' AS a, NULL AS n, 2 AS b, x'00ff' AS c, 1.5 AS d, 3.0 AS e
                UNION ALL SELECT 4, 'é', 5, 6, '', NULL, -1
                """)
            #expect(json.count == 2)
            #expect(
                String(decoding: json.bytes, as: UTF8.self)
                    == #"[{"a":"x\"\n","b":2,"c":"AP8=","d":1.5,"e":3},{"a":"é","b":6,"c":"","e":-1,"n":5}]"#)
            let none = try await database.json("SELECT 1 WHERE 0")
            #expect(none == SQLJSON(bytes: Array("[]".utf8), count: 0))
        }
    }

    @Test("JSON from rows and JSON of the rows' values are the same")
    func jsonOfValues() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (b BOOLEAN, a, c)")
            for value: Value in [nil, 1, -0.0, 0.1, "x", .bytes([1, 2, 3]), true, .float(.infinity), 9e15] {
                try await database.execute("INSERT INTO t VALUES (?, ?, ?)", [value.bool, value, "é\u{1}"])
            }
            let rows = try await database.rows("SELECT * FROM t")
            let expected = try JSON.encode(.list(rows.map { .map($0.map) }))
            #expect(try await database.json("SELECT * FROM t").bytes == expected)
        }
    }

    @Test("Rows past the limit on a result are refused")
    func resultLimit() async throws {
        try await withDatabase {
            $0.maxResultBytes = 1000
        } _: { database in
            let large: SQL = "SELECT zeroblob(1001) AS z"
            #expect(await wippyError { _ = try await database.rows(large) }?.kind == .invalid)
            #expect(await wippyError { _ = try await database.json(large) }?.kind == .invalid)
            let rows = try await database.rows("SELECT zeroblob(900)")
            #expect(rows.count == 1)
        }
    }

    @Test("Statements of many lengths, from many clients, leave little in memory")
    func statementMemory() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n)")
            let before = sqlite3_memory_used()
            try await withThrowingTaskGroup(of: Void.self) { clients in
                for _ in 0..<8 {
                    clients.addTask {
                        for length in stride(from: 500, through: 20_000, by: 500) {
                            let list = Array(repeating: "?", count: length).joined(separator: ", ")
                            let values = [Int?](repeating: 1, count: length)
                            _ = try await database.rows(SQL(trusting: "SELECT id FROM t WHERE id IN (\(list))"), values)
                            try await database.execute(SQL(trusting: "DELETE FROM t WHERE id IN (\(list))"), values)
                        }
                    }
                }
                try await clients.waitForAll()
            }
            // Other tests run beside this one.
            #expect(sqlite3_memory_used() - before < 48 << 20)
        }
    }

    @Test("A script that fails leaves the options as they are declared, and a statement cannot change them")
    func optionsHold() async throws {
        try await withDatabase {
            $0.enforcesForeignKeys = true
        } _: { database in
            try await database.execute(
                script: "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (parent REFERENCES parent)")
            let script = await wippyError {
                try await database.execute(script: "PRAGMA foreign_keys = OFF; BEGIN; DROP TABLE nothing; COMMIT")
            }
            #expect(script?.kind == .invalid)
            let orphan = await wippyError { try await database.execute("INSERT INTO child VALUES (1)") }
            #expect(orphan?.kind == .invalid)
            let refused = await wippyError { try await database.execute("PRAGMA foreign_keys = OFF") }
            #expect(refused?.kind == .permissionDenied)
            #expect(refused?.message.contains("'options.foreign_keys'") == true)
            try await database.execute("PRAGMA foreign_keys = ON")
            let temporary = await wippyError { try await database.execute("CREATE TEMP TABLE t (id)") }
            #expect(temporary?.kind == .permissionDenied)
        }
    }

    @Test("Errors have the runtime's kinds")
    func kinds() async throws {
        try await withDatabase { database in
            try await database.execute(
                script: "CREATE TABLE t (a INTEGER PRIMARY KEY, b NOT NULL); INSERT INTO t VALUES (1, 'secret')")
            let cases: [(SQL, WippyError.Kind, String)] = [
                ("INSERT INTO t VALUES (\(1), \("secret"))", .alreadyExists, "UNIQUE constraint failed: t.a"),
                ("INSERT INTO t VALUES (\(2), \(nil as Int?))", .invalid, "NOT NULL constraint failed: t.b"),
                ("SELEC \("secret")", .invalid, "near \"SELEC\": syntax error"),
                ("SELECT * FROM none WHERE a = \("secret")", .invalid, "no such table: none"),
                (
                    "ATTACH '/tmp/secret' AS x", .permissionDenied,
                    "ATTACH and DETACH are not allowed: a database is one file"
                ),
            ]
            for (sql, kind, message) in cases {
                let error = await wippyError { try await database.execute(sql) }
                #expect(error?.kind == kind)
                #expect(error?.message == message)
                #expect(error?.isRetryable == false)
                #expect(error?.description.contains("secret") == false)
            }
            let count = await wippyError { try await database.execute("INSERT INTO t VALUES (?, ?)", [1]) }
            #expect(count?.kind == .invalid)
            let script = await wippyError { try await database.execute(script: "DELETE FROM t WHERE a = \(1)") }
            #expect(script?.kind == .invalid)
        }
    }
}
