import Testing

@testable import SQLiteGroups

@Suite(.timeLimit(.minutes(15))) struct SQLiteErrorTests {
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

    @Test(
        "A text or a blob among the arguments is hidden in a message, and so is a part of it",
        arguments: [
            ("token hunter2!", ["hunter2"], "token ...!"),
            ("user:hunter2@x", ["hunter2"], "user:...@x"),
            ("xhunter2x hunter2", ["hunter2"], "x...x ..."),
            ("near \"hunter2\": syntax error", ["hunter2:x"], "near \"...\": syntax error"),
            ("the key p@s s", ["p@s"], "the key ... s"),
            ("the key p@s s", [.blob(Array("p@s".utf8))], "the key ... s"),
            ("key=secretkey", [.blob(Array("secretkey\0\u{ff}".utf8))], "key=..."),
            ("caf\u{e9}s \u{1f511}", ["xcaf\u{e9}sx", "\u{1f511}"], "... ..."),
            ("a\u{301}bcdef", ["a\u{301}bcdefg"], "..."),
            ("hunter2hunter2", ["hunter2"], "..."),
            ("one two three four", ["three", "one two"], "... ... four"),
            // What is too short, or of another type, is in many messages.
            ("no such column: a", ["a", "", "no", .blob([0x61])], "no such column: a"),
            ("bad 1234 id", [1234, 12.5, .null, "the idea"], "bad 1234 id"),
            ("", ["hunter2"], ""),
        ] as [(String, [SQLiteValue], String)])
    func redaction(_ message: String, _ arguments: [SQLiteValue], _ expected: String) {
        #expect(SQLiteError.redacted(message, hiding: arguments, or: "meaning") == expected)
    }

    @Test("SQLite's own words for a code stay, and replace a message that takes too long to search")
    func redactionBounds() {
        #expect(
            SQLiteError.redacted("database is locked", hiding: ["locked"], or: "database is locked").contains("locked"))
        let long = SQLiteValue.text(String(repeating: "hunter2", count: 1 << 20))
        #expect(SQLiteError.redacted("malformed hunter2", hiding: [long], or: "meaning") == "malformed ...")
        let message = String(repeating: "hunter2 ", count: 10)
        #expect(SQLiteError.redacted(message, hiding: [long], or: "meaning") == "meaning")
    }

    @Test("A message about a constraint names tables and columns, also if an argument is one of these names")
    func namesStay() async throws {
        try await withDatabase { database async throws in
            try await database.executeScript(
                """
                CREATE TABLE settings (name TEXT UNIQUE NOT NULL CHECK (name <> 'constraint'), n INTEGER) STRICT;
                INSERT INTO settings VALUES ('settings', 1);
                """)
            for (arguments, message) in [
                (["settings", 1], "UNIQUE constraint failed: settings.name"),
                ([nil, 1], "NOT NULL constraint failed: settings.name"),
                (["constraint", 1], "CHECK constraint failed: name <> 'constraint'"),
                (["x", "value"], "cannot store TEXT value in INTEGER column settings.n"),
            ] as [([SQLiteValue], String)] {
                let error = await databaseError {
                    _ = try await database.execute("INSERT INTO settings VALUES (?, ?)", arguments)
                }
                #expect(error?.message == message)
            }
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
