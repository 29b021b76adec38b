import Testing

@testable import SQLite

@Suite("The row id of an insert")
struct LastInsertRowIDTests {
    private static let schema = """
        CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, hits INTEGER DEFAULT 0);
        CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT);
        CREATE TABLE plain (name TEXT PRIMARY KEY) WITHOUT ROWID;
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
