import Testing

@testable import SQLiteGroups

@Suite("The row id of an insert")
struct LastInsertRowIDTests {
    private static let schema = """
        CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, hits INTEGER DEFAULT 0);
        CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT);
        CREATE TABLE plain (name TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE VIRTUAL TABLE words USING fts4(text);
        CREATE TABLE asking (id INTEGER PRIMARY KEY, n);
        CREATE TRIGGER asking_update AFTER UPDATE ON asking BEGIN
            INSERT INTO log (what) VALUES (last_insert_rowid());
        END;
        CREATE VIEW v AS SELECT name FROM t;
        CREATE TRIGGER v_insert INSTEAD OF INSERT ON v BEGIN INSERT INTO log (what) VALUES (NEW.name); END;
        CREATE TRIGGER t_insert AFTER INSERT ON t BEGIN INSERT INTO log (id, what) VALUES (NULL, 'insert'); END;
        CREATE TRIGGER t_update AFTER UPDATE ON t BEGIN INSERT INTO log (what) VALUES ('update'); END;
        INSERT INTO t (id, name) VALUES (41, 'first');
        INSERT INTO log (id, what) VALUES (1000, 'far');
        """

    /// Statements, and the row id that each gives: that of a row of its own, else 0.
    private static let statements: [(sql: String, id: Int64)] = [
        ("INSERT INTO t (name) VALUES ('second')", 42),
        ("INSERT INTO t (name) VALUES ('third'), ('fourth')", 44),
        ("INSERT INTO t (name) VALUES ('first') ON CONFLICT (name) DO UPDATE SET hits = hits + 1", 0),
        ("INSERT INTO t (name) VALUES ('first') ON CONFLICT DO NOTHING", 0),
        ("INSERT OR IGNORE INTO t (name) VALUES ('first')", 0),
        ("INSERT OR REPLACE INTO t (id, name) VALUES (7, 'seventh')", 7),
        ("REPLACE INTO t (id, name) VALUES (7, 'again')", 7),
        ("INSERT INTO plain VALUES ('x')", 0),
        ("INSERT INTO plain VALUES ('x') ON CONFLICT DO NOTHING", 0),
        ("INSERT INTO v VALUES ('through the view')", 0),
        ("UPDATE t SET hits = 1", 0),
        ("DELETE FROM t WHERE id = 7", 0),
        ("INSERT INTO t (name) SELECT 'none' WHERE 0", 0),
        ("CREATE TABLE other (id INTEGER PRIMARY KEY)", 0),
        ("CREATE TABLE copy AS SELECT * FROM log", 0),
        ("CREATE VIRTUAL TABLE boxes USING rtree(id, low, high)", 0),
        ("INSERT INTO t (name) VALUES ('fifth'), ('first') ON CONFLICT (name) DO UPDATE SET hits = hits + 1", 45),
        ("INSERT INTO t (name) VALUES ('first') ON CONFLICT (name) DO UPDATE SET hits = 0 RETURNING id", 0),
        ("INSERT INTO words (text) VALUES ('one two')", 1),
        ("UPDATE words SET text = 'three'", 0),
        ("INSERT INTO words (words) VALUES ('optimize')", 0),
        ("INSERT INTO asking VALUES (5, 0)", 5),
        ("INSERT INTO asking VALUES (5, 1) ON CONFLICT (id) DO UPDATE SET n = 1", 0),
        ("INSERT INTO plain VALUES (last_insert_rowid())", 0),
        ("INSERT OR IGNORE INTO t (id, name) VALUES (last_insert_rowid(), 'first')", 0),
        ("INSERT INTO t (id, name) VALUES (-5, 'negative')", -5),
        ("INSERT INTO log (id, what) VALUES (last_insert_rowid() + 3000, 'after')", 2995),
    ]

    @Test("An insert gives the row id of its own row, and what inserts none gives 0")
    func outsideOfTransactions() async throws {
        try await withDatabase { database in
            try await database.executeScript(Self.schema)
            for (sql, id) in Self.statements.dropLast() {
                let changes = try await database.execute(sql)
                #expect(changes.lastInsertRowID == id, "\(sql)")
            }
        }
    }

    @Test("Nobody sees the row id of another's insert")
    func ofAnother() async throws {
        try await withDatabase {
            $0.readers = 0
        } _: { database async throws in
            try await database.executeScript(Self.schema)
            _ = try await database.execute("INSERT INTO log (id, what) VALUES (2000, 'mine')")
            #expect(try await database.value("SELECT last_insert_rowid()") == 0)
            try await database.executeScript("INSERT INTO log (id, what) VALUES (2001 + last_insert_rowid(), 'script')")
            #expect(try await database.value("SELECT max(id) FROM log") == 2001)
            try await database.transaction { transaction in
                #expect(try await transaction.query("SELECT last_insert_rowid()").cells == [0])
                _ = try await transaction.query("INSERT INTO log (id, what) VALUES (3000, 'a') RETURNING id")
                #expect(try await transaction.query("SELECT last_insert_rowid()").cells == [3000])
                try await transaction.executeScript(
                    "INSERT INTO log VALUES (4000, 'b'); INSERT INTO log VALUES (last_insert_rowid() + 1, 'c')")
                #expect(try await transaction.query("SELECT last_insert_rowid()").cells == [4001])
            }
            #expect(try await database.value("SELECT last_insert_rowid()") == 0)
        }
    }

    @Test("In a transaction a statement may ask for the row id of one before it, whatever came between")
    func inTransaction() async throws {
        try await withDatabase { database in
            try await database.executeScript(Self.schema)
            try await database.transaction { transaction in
                for (sql, id) in Self.statements {
                    let changes = try await transaction.execute(sql)
                    #expect(changes.lastInsertRowID == id, "\(sql)")
                }
            }
        }
    }
}
