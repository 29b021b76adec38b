import Testing

@testable import SQLiteGroups

/// What a statement leaves behind in its connection: nothing.
@Suite(.timeLimit(.minutes(15))) struct ConnectionStateTests {
    private func refuses(_ database: SQLiteDatabase, _ sql: String, _ words: String) async throws {
        let calls = [
            { _ = try await database.execute(sql) }, { _ = try await database.query(sql) },
            { try await database.executeScript(sql) },
            { try await database.transaction { _ = try await $0.execute(sql) } },
            { try await database.transaction { try await $0.executeScript("SELECT 1; \(sql)") } },
        ]
        for (number, call) in calls.enumerated() {
            let error = await databaseError { try await call() }
            #expect(error?.kind == .permissionDenied, "\(sql), call \(number)")
            let isSetting = error?.message.contains("would change the connection") == true
            #expect((error?.refusedPragma != nil) == isSetting, "\(sql), call \(number)")
            #expect(error?.message.contains(words) == true, "\(sql), call \(number): \(error?.message ?? "")")
        }
    }

    @Test(
        "A setting of the connection is refused, and the error says which one it is and where to set it",
        arguments: [
            ("PRAGMA synchronous = OFF", "set it where the database is opened"),
            ("pragma MAIN.Cache_Size(-9000)", "set it where the database is opened"),
            ("/* PRAGMA */ PRAGMA \"temp_store\" = 'memory'", "set it where the database is opened"),
            ("PRAGMA mmap_size = 1000000", "set it where the database is opened"),
            ("PRAGMA recursive_triggers = off", "set it where the database is opened"),
            ("PRAGMA case_sensitive_like = ON", "set it where the database is opened"),
            ("PRAGMA trusted_schema = no", "set it where the database is opened"),
            ("PRAGMA secure_delete = FAST", "set it where the database is opened"),
            ("PRAGMA wal_autocheckpoint = 0", "set it where the database is opened"),
            ("PRAGMA max_page_count = 20", "set it where the database is opened"),
            ("PRAGMA busy_timeout = 1", "set it where the database is opened"),
            ("PRAGMA journal_mode = MEMORY", "the write-ahead log is always used"),
            ("PRAGMA locking_mode = EXCLUSIVE", "several connections share the file"),
            ("PRAGMA read_uncommitted = 1", "it cannot be changed"),
            ("PRAGMA query_only(yes)", "it cannot be changed"),
            ("PRAGMA writable_schema = ON", "it cannot be changed"),
            ("EXPLAIN PRAGMA ignore_check_constraints = ON", "it cannot be changed"),
            ("PRAGMA reverse_unordered_selects = ON", "it cannot be changed"),
            ("PRAGMA soft_heap_limit = 1000000", "it cannot be changed"),
            ("PRAGMA temp_store_directory = '/tmp'", "it cannot be changed"),
            ("PRAGMA no_such_thing = 1", "it cannot be changed"),
            ("PRAGMA temp.user_version = 1", "temporary database"),
            ("SELECT load_extension('x')", "loads code into SQLite"),
            ("SELECT fts3_tokenizer('simple', x'00')", "loads code into SQLite"),
        ])
    func settings(_ sql: String, _ words: String) async throws {
        let recursive = try #require(SQLitePragma(name: "recursive_triggers", value: "ON"))
        try await withDatabase {
            $0.pragmas = [recursive]
        } _: { database async throws in
            let before = try await settings(of: database)
            try await refuses(database, sql, words)
            #expect(try await settings(of: database) == before)
        }
    }

    /// What the writing connection says of itself, and what the reading ones do.
    private func settings(of database: SQLiteDatabase) async throws -> [[SQLiteValue]] {
        var found: [[SQLiteValue]] = []
        for name in [
            "synchronous", "cache_size", "temp_store", "mmap_size", "recursive_triggers", "trusted_schema",
            "secure_delete", "max_page_count", "journal_mode", "locking_mode", "read_uncommitted", "query_only",
            "writable_schema", "ignore_check_constraints", "reverse_unordered_selects", "soft_heap_limit",
            "foreign_keys", "defer_foreign_keys", "legacy_alter_table", "no_such_thing",
        ] {
            found.append(try await database.query("PRAGMA \(name)").cells)
        }
        for _ in 0..<8 {
            found.append(try await database.query("SELECT 'A' LIKE 'a', * FROM pragma_query_only").cells)
        }
        return found
    }

    @Test(
        "The single statement is refused, also in a transaction",
        arguments: [
            ("PRAGMA foreign_keys = OFF", "set it where the database is opened"),
            ("PRAGMA main.FOREIGN_KEYS(0)", "set it where the database is opened"),
            ("PRAGMA foreign_keys = 256", "set it where the database is opened"),
            ("PRAGMA legacy_alter_table = ON", "change it within a script"),
        ])
    func scriptSettings(_ sql: String, _ words: String) async throws {
        try await withDatabase {
            $0.enforcesForeignKeys = true
        } _: { database async throws in
            for call in [
                { _ = try await database.execute(sql) }, { _ = try await database.query(sql) },
                { try await database.transaction { _ = try await $0.query(sql) } },
            ] {
                let error = await databaseError { try await call() }
                #expect(error?.kind == .permissionDenied)
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
            #expect(try await database.value("PRAGMA foreign_keys") == 1)
            let error = await databaseError { _ = try await database.execute("PRAGMA defer_foreign_keys = ON") }
            #expect(error?.message.contains("within a script or a transaction") == true)
        }
    }

    @Test(
        "What asks, or changes the file, is done",
        arguments: [
            "PRAGMA user_version = 7", "PRAGMA application_id = 7", "PRAGMA optimize", "PRAGMA optimize(0xfffe)",
            "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA incremental_vacuum(3)", "PRAGMA integrity_check(5)",
            "PRAGMA quick_check", "PRAGMA table_info('t')", "PRAGMA table_xinfo(t)", "PRAGMA index_list(t)",
            "PRAGMA foreign_key_check(t)", "PRAGMA foreign_key_list(t)", "PRAGMA auto_vacuum = INCREMENTAL",
            "PRAGMA foreign_keys", "PRAGMA case_sensitive_like", "PRAGMA shrink_memory", "PRAGMA compile_options",
            "SELECT * FROM pragma_table_info('t')", "SELECT * FROM pragma_foreign_keys", "ANALYZE", "REINDEX", "VACUUM",
        ])
    func allowed(_ sql: String) async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            _ = try await database.execute(sql)
            _ = try await database.query(sql)
            try await database.executeScript("\(sql); \(sql)")
        }
    }

    @Test(
        "A statement that repeats what is set is accepted, and has no effect",
        arguments: [
            "PRAGMA foreign_keys = ON", "PRAGMA foreign_keys(1)", "PRAGMA foreign_keys = 'true'",
            "PRAGMA foreign_keys = 2", "PRAGMA foreign_keys = 0x1", "PRAGMA foreign_keys = 0xFF",
            "PRAGMA synchronous = FULL", "PRAGMA synchronous = 2", "PRAGMA journal_mode = WAL",
            "PRAGMA busy_timeout = 5000", "PRAGMA wal_autocheckpoint = 4000", "PRAGMA cache_size = -9000",
            "PRAGMA temp_store = MEMORY", "PRAGMA temp_store = 2", "PRAGMA mmap_size = 1099511627776",
            "PRAGMA locking_mode = NORMAL", "PRAGMA recursive_triggers = OFF", "PRAGMA case_sensitive_like = OFF",
            "PRAGMA query_only = 0",
        ])
    func repeats(_ sql: String) async throws {
        let pragmas = [
            try #require(SQLitePragma(name: "cache_size", value: "-9000")),
            try #require(SQLitePragma(name: "temp_store", value: "MEMORY")),
            try #require(SQLitePragma(name: "mmap_size", value: "1099511627776")),
        ]
        try await withDatabase {
            $0.enforcesForeignKeys = true
            $0.synchronous = .full
            $0.busyTimeout = .seconds(5)
            $0.pragmas = pragmas
        } _: { database async throws in
            for _ in 0..<3 {
                _ = try await database.execute(sql)
                _ = try await database.query(sql)
            }
            try await database.executeScript(sql)
            try await database.transaction {
                _ = try await $0.execute(sql)
                try await $0.executeScript(sql)
            }
            // The lock's own handler is still there: SQLite would tell its timeout otherwise.
            #expect(try await database.value("PRAGMA busy_timeout") == 0)
            #expect(try await database.value("PRAGMA foreign_keys") == 1)
            #expect(try await database.value("PRAGMA journal_mode = wal") == "wal")
        }
    }

    @Test("A setting is asked for where it holds, also as a table and within a view")
    func pragmaTables() async throws {
        try await withDatabase {
            $0.enforcesForeignKeys = true
            $0.synchronous = .full
        } _: { database async throws in
            _ = try await database.execute("CREATE VIEW settings AS SELECT foreign_keys FROM pragma_foreign_keys")
            // Each text is prepared for itself, and each connection knows the table from its second text on.
            for number in 0..<12 {
                #expect(try await database.value("SELECT foreign_keys, \(number) FROM pragma_foreign_keys") == 1)
                #expect(try await database.value("SELECT synchronous, \(number) FROM main.Pragma_Synchronous") == 2)
                #expect(try await database.value("SELECT foreign_keys, \(number) FROM settings") == 1)
            }
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            let insert = "INSERT INTO t SELECT foreign_keys + 6 FROM pragma_foreign_keys"
            #expect(try await database.execute(insert).lastInsertRowID == 7)
        }
    }

    @Test("What a transaction has made for itself can be looked at")
    func questionsAboutTemporaries() async throws {
        try await withDatabase { database async throws in
            try await database.transaction { transaction in
                _ = try await transaction.execute("CREATE TEMP TABLE x (id INTEGER PRIMARY KEY, name)")
                _ = try await transaction.execute("CREATE INDEX temp.i ON x (name)")
                #expect(try await transaction.query("PRAGMA temp.table_info(x)").count == 2)
                #expect(try await transaction.query("PRAGMA temp.index_list('x')").count == 1)
                #expect(try await transaction.query("PRAGMA temp.integrity_check(1)").count == 1)
            }
        }
    }

    @Test("In memory a program may ask for the write-ahead log as it does elsewhere, and gets none")
    func journalInMemory() async throws {
        let database = try await SQLiteDatabase.open(SQLiteSettings(path: ":memory:"))
        #expect(try await database.value("PRAGMA journal_mode = WAL") == "memory")
        #expect(await databaseError { _ = try await database.execute("PRAGMA journal_mode = OFF") } != nil)
        await database.close()
    }

    @Test("Options hold again after a script, however it ends", arguments: [true, false])
    func afterScript(enforces: Bool) async throws {
        try await withDatabase {
            $0.enforcesForeignKeys = enforces
        } _: { database async throws in
            let prelude =
                "PRAGMA foreign_keys = \(enforces ? "OFF" : "ON"); PRAGMA legacy_alter_table = ON;"
                + "PRAGMA main.Defer_Foreign_Keys(1);"
            for (tail, isSound) in [
                ("CREATE TABLE a (id INTEGER PRIMARY KEY)", true),
                ("SELECT 1; BEGIN; CREATE TABLE b (id); COMMIT", true),
                ("BEGIN; CREATE TABLE c (id)", false), ("BEGIN; INSERT INTO nothing VALUES (1); COMMIT", false),
                ("nonsense", false), ("PRAGMA synchronous = OFF", false), ("SELECT ?", false),
                ("BEGIN; SELECT 1; SAVEPOINT s; CREATE TABLE d (id)", false),
                ("SAVEPOINT s; CREATE TABLE d (id)", false),
            ] {
                do {
                    try await database.executeScript("\(prelude) \(tail)")
                    #expect(isSound, "\(tail)")
                } catch {
                    #expect(!isSound, "\(tail): \(error)")
                }
                for (name, value) in [
                    ("foreign_keys", enforces ? 1 : 0), ("legacy_alter_table", 0), ("defer_foreign_keys", 0),
                ] as [(String, SQLiteValue)] {
                    #expect(try await database.value("PRAGMA \(name)") == value, "\(tail): \(name)")
                }
            }
        }
    }

    @Test("A script rebuilds a table that others refer to")
    func rebuild() async throws {
        try await withDatabase {
            $0.enforcesForeignKeys = true
        } _: { database async throws in
            try await database.executeScript(
                """
                CREATE TABLE parent (id INTEGER PRIMARY KEY, name);
                CREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES parent ON DELETE CASCADE);
                INSERT INTO parent VALUES (1, 'one'); INSERT INTO child VALUES (1, 1);
                """)
            try await database.executeScript(
                """
                PRAGMA foreign_keys = OFF;
                BEGIN;
                CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
                INSERT INTO new_parent SELECT * FROM parent;
                DROP TABLE parent;
                ALTER TABLE new_parent RENAME TO parent;
                PRAGMA foreign_key_check;
                COMMIT;
                """)
            #expect(try await database.value("SELECT count(*) FROM child") == 1)
            let error = await databaseError { _ = try await database.execute("INSERT INTO child VALUES (2, 2)") }
            #expect(error?.code == .constraintForeignKey)
        }
    }

    @Test("A transaction may put off its foreign keys, and the next one finds them as they were")
    func deferred() async throws {
        try await withDatabase {
            $0.enforcesForeignKeys = true
        } _: { database async throws in
            try await database.executeScript(
                "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (parent REFERENCES parent)")
            try await database.transaction { transaction in
                _ = try await transaction.execute("PRAGMA defer_foreign_keys = ON")
                _ = try await transaction.execute("INSERT INTO child VALUES (1)")
                _ = try await transaction.execute("INSERT INTO parent VALUES (1)")
            }
            await #expect(throws: SQLiteError.self) {
                try await database.transaction { _ = try await $0.execute("INSERT INTO child VALUES (2)") }
            }
            try await database.transaction { transaction in
                try await transaction.executeScript("PRAGMA defer_foreign_keys = ON; INSERT INTO child VALUES (3)")
                _ = try await transaction.execute("INSERT INTO parent VALUES (3)")
            }
            try await database.transaction { transaction in
                try await transaction.executeScript("PRAGMA legacy_alter_table = ON; PRAGMA foreign_keys = OFF")
                #expect(try await transaction.query("PRAGMA legacy_alter_table")[0][0] == 0)
                await #expect(throws: SQLiteError.self) {
                    try await transaction.executeScript("PRAGMA legacy_alter_table = ON; nonsense")
                }
                #expect(try await transaction.query("PRAGMA legacy_alter_table")[0][0] == 0)
            }
            #expect(try await database.value("PRAGMA legacy_alter_table") == 0)
            #expect(try await database.value("PRAGMA foreign_keys") == 1)
        }
    }

    private static let temporaries = [
        "CREATE TEMP TABLE x (id)", "create temporary table if not exists x (id)", "CREATE TABLE temp.x (id)",
        "CREATE TEMP TABLE x AS SELECT 1 AS id", "CREATE TEMP VIEW x AS SELECT 1 AS id",
        "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM t; END",
        "CREATE VIRTUAL TABLE temp.x USING fts5(id)", "CREATE VIEW temp.x AS SELECT 1 AS id",
        "CREATE TRIGGER temp.x AFTER INSERT ON t BEGIN DELETE FROM t; END",
    ]

    @Test("Temporary tables are refused outside a transaction", arguments: temporaries)
    func temporaryOutside(_ sql: String) async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            for call in [
                { _ = try await database.execute(sql) }, { _ = try await database.query(sql) },
                { try await database.executeScript("SELECT 1; \(sql); SELECT 2") },
            ] {
                let error = await databaseError { try await call() }
                #expect(error?.kind == .permissionDenied)
                #expect(error?.message.contains("make them in a transaction") == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test("Temporary tables of a transaction are gone after it", arguments: temporaries)
    func temporaryInside(_ sql: String) async throws {
        struct Refusal: Error {}
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            func expectNone(_ comment: Comment) async throws {
                try await database.transaction { transaction in
                    let found = try await transaction.query("SELECT name FROM sqlite_temp_schema")
                    #expect(found.isEmpty, comment)
                }
                _ = try await database.execute("INSERT INTO t VALUES (1)")
                #expect(try await database.value("SELECT count(*) FROM t") == 1, comment)
                _ = try await database.execute("DELETE FROM t")
                // It is judged again, also if its text is known from a transaction.
                #expect(await databaseError { _ = try await database.execute(sql) } != nil, comment)
                #expect(try await database.value("PRAGMA temp_store") == 0, comment)
            }
            for _ in 0..<2 {
                try await database.transaction { transaction in
                    _ = try await transaction.execute(sql)
                    #expect(try await transaction.query("SELECT name FROM sqlite_temp_schema").count > 0)
                }
                try await expectNone("after a commit")
                await #expect(throws: Refusal.self) {
                    try await database.transaction { transaction in
                        try await transaction.executeScript(sql)
                        throw Refusal()
                    }
                }
                try await expectNone("after a rollback")
                try await database.executeScript("BEGIN; \(sql); COMMIT")
                try await expectNone("after a script")
                for script in ["BEGIN; \(sql); ROLLBACK", "BEGIN; \(sql)", "BEGIN; \(sql); nonsense"] {
                    _ = try? await database.executeScript(script)
                    try await expectNone("after a script that fails")
                }
            }
        }
    }

    @Test("What a script's transaction made for itself is gone when it commits")
    func temporaryWithinScript() async throws {
        try await withDatabase { database async throws in
            let error = await databaseError {
                try await database.executeScript("BEGIN; CREATE TEMP TABLE x (id); COMMIT; INSERT INTO x VALUES (1)")
            }
            #expect(error?.message.contains("no such table") == true)
        }
    }

    @Test("A statement that is known follows a temporary table of its name, and comes back")
    func shadowing() async throws {
        try await withDatabase { database async throws in
            try await database.executeScript("CREATE TABLE t (id); INSERT INTO t VALUES ('lasting')")
            for _ in 0..<3 {
                try await database.transaction { transaction in
                    #expect(try await transaction.query("SELECT id FROM t")[0][0] == "lasting")
                    _ = try await transaction.execute("CREATE TEMP TABLE t AS SELECT 'temporary' AS id")
                    #expect(try await transaction.query("SELECT id FROM t")[0][0] == "temporary")
                }
                #expect(try await database.value("SELECT id FROM t") == "lasting")
            }
        }
    }
}
