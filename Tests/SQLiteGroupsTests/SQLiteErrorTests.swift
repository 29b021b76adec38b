import Testing

@testable import SQLiteGroups

@Suite(.timeLimit(.minutes(5))) struct SQLiteErrorTests {
    @Test("A primary code matches its extended codes, an extended one itself only")
    func codesMatch() {
        #expect(SQLiteResultCode.constraint ~= .constraintUnique)
        #expect(SQLiteResultCode.constraint ~= .constraint)
        #expect(!(SQLiteResultCode.constraintUnique ~= .constraint))
        #expect(!(SQLiteResultCode.constraintUnique ~= .constraintForeignKey))
        #expect(!(SQLiteResultCode.busy ~= .constraintUnique))
        #expect(SQLiteResultCode.constraint != .constraintUnique)
    }

    @Test(
        "A failed statement has the kind that its caller can act on",
        arguments: [
            ("INSERT INTO t VALUES (1, 'b', 1)", .alreadyExists, .constraintPrimaryKey),
            ("INSERT INTO t VALUES (2, 'a', 1)", .alreadyExists, .constraintUnique),
            ("INSERT INTO t VALUES (2, NULL, 1)", .invalid, .constraintNotNull),
            ("INSERT INTO t VALUES (2, 'b', -1)", .invalid, .constraint),
            ("INSERT INTO t VALUES ('x', 'b', 1)", .invalid, .mismatch),
            ("SELEC 1", .invalid, .error),
            ("SELECT * FROM missing", .invalid, .error),
            ("", .invalid, .misuse),
            (" -- nothing", .invalid, .misuse),
            ("SELECT 1; SELECT 2", .invalid, .misuse),
            ("SELECT 1; nonsense", .invalid, .misuse),
            ("SELECT 1\0; DROP TABLE t", .invalid, .misuse),
            ("SELECT zeroblob(3000000000)", .invalid, .tooBig),
        ] as [(String, SQLiteError.Kind, SQLiteResultCode)])
    func kinds(_ sql: String, _ kind: SQLiteError.Kind, _ code: SQLiteResultCode) async throws {
        try await withDatabase { database async throws in
            try await database.executeScript(
                """
                CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, n CHECK (n > 0));
                INSERT INTO t VALUES (1, 'a', 1);
                """)
            for run in [{ _ = try await database.execute(sql) }, { _ = try await database.query(sql) }] {
                let error = await databaseError { try await run() }
                #expect(error?.kind == kind)
                #expect(error.map { code ~= $0.code } == true)
            }
            #expect(try await database.value("SELECT count(*) FROM t") == 1)
        }
    }

    @Test("White space, comments and semicolons after a statement are no second one")
    func trailingText() async throws {
        try await withDatabase { database async throws in
            #expect(try await database.value("/* a */ SELECT 1; ; -- b\n /* c */") == 1)
        }
    }

    @Test("Arguments do not appear in an error")
    func argumentsAreSecret() async throws {
        try await withDatabase { database async throws in
            try await database.executeScript(
                """
                CREATE TABLE t (secret TEXT UNIQUE);
                INSERT INTO t VALUES ('hunter2');
                CREATE VIRTUAL TABLE words USING fts5(word);
                """)
            let statements = [
                "INSERT INTO t VALUES (?)", "SELECT * FROM words WHERE words MATCH ?", "SELECT json_extract(?, '$')",
            ]
            for (sql, secret) in zip(statements, ["hunter2", "hunter2:x", "{hunter2"]) {
                let error = await databaseError { _ = try await database.query(sql, [.text(secret)]) }
                #expect(error?.description.contains("hunter2") == false)
            }
        }
    }
}
