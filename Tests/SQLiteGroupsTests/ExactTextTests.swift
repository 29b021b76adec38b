import SQLiteGroups
import Testing

/// Texts that Swift takes as equal although their bytes differ.
private let composed = "caf\u{e9}"
private let decomposed = "cafe\u{301}"

@Suite("Texts of SQL, compared by their bytes")
struct ExactTextTests {
    @Test("Two statements that differ only in how an accent is written are two statements")
    func statements() async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE n (t TEXT)")
            for text in [composed, decomposed, composed, "K", "\u{212a}"] {
                _ = try await database.execute("INSERT INTO n VALUES ('\(text)')")
            }
            let rows = try await database.query("SELECT hex(t) FROM n ORDER BY rowid")
            #expect(rows.map { $0[0] } == ["636166C3A9", "63616665CC81", "636166C3A9", "4B", "E284AA"])
        }
    }

    @Test("A query in another form asks for the other row")
    func queries() async throws {
        try await withDatabase {
            $0.readers = 0
        } _: { database async throws in
            _ = try await database.execute("CREATE TABLE n (t TEXT, id INTEGER)")
            _ = try await database.execute("INSERT INTO n VALUES (?, 1), (?, 2)", [.text(composed), .text(decomposed)])
            for (text, id) in [(composed, 1), (decomposed, 2)] {
                let rows = try await database.query("SELECT id FROM n WHERE t = '\(text)'")
                #expect(rows.map { $0["id"] } == [.integer(Int64(id))])
            }
        }
    }

    @Test("A column is found by its exact name")
    func columns() async throws {
        try await withDatabase { database async throws in
            let rows = try await database.query("SELECT 1 AS \"\(composed)\", 2 AS \"\(decomposed)\", 3 AS K")
            #expect(rows[0][composed] == 1)
            #expect(rows[0][decomposed] == 2)
            #expect(rows[0]["\u{212a}"] == nil)
        }
    }

    @Test("Values are equal where their bytes are")
    func values() {
        #expect(SQLiteValue.text(composed) != .text(decomposed))
        #expect(Set<SQLiteValue>([.text(composed), .text(decomposed), .text(composed), .blob([]), .null]).count == 4)
    }

    @Test("A pragma's name is ASCII: U+212A in lower case is no k")
    func pragmas() {
        #expect(SQLitePragma(name: "wal_autochec\u{212a}point", value: "1") == nil)
    }
}
