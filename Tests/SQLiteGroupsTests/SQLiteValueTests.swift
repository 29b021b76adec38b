import Testing

@testable import SQLiteGroups

@Suite(.timeLimit(.minutes(15))) struct SQLiteValueTests {
    @Test(
        "A value comes back as it was bound",
        arguments: [
            .null, 0, .integer(.min), .integer(.max), -1, 0.1, .real(.infinity), .real(-.infinity),
            .real(.leastNonzeroMagnitude), .real(-0.0), .real(1), "", "plain", "nul \0 inside", "\0", "\u{1F600} é",
            .blob([]), .blob([0]), .blob(Array(0...255)), .text(String(repeating: "x", count: 100_000)),
            .blob([UInt8](repeating: 7, count: 100_000)),
        ] as [SQLiteValue])
    func roundTrip(_ value: SQLiteValue) async throws {
        try await withDatabase { database async throws in
            _ = try await database.execute("CREATE TABLE t (v)")
            _ = try await database.execute("INSERT INTO t VALUES (?)", [value])
            #expect(try await database.value("SELECT v FROM t") == value)
            #expect(try await database.value("SELECT v FROM t WHERE v IS ?", [value]) == value)
        }
    }

    @Test("NaN is stored as NULL")
    func notANumber() async throws {
        try await withDatabase { database async throws in
            #expect(try await database.value("SELECT ?", [.real(.nan)]) == .null)
        }
    }

    @Test("An empty blob is not NULL, and empty text is not NULL")
    func empty() async throws {
        try await withDatabase { database async throws in
            let rows = try await database.query("SELECT typeof(?), typeof(?), typeof(?)", [.blob([]), "", .null])
            #expect(Array(rows[0].cells) == ["blob", "text", "null"])
        }
    }

    @Test("Text that is no UTF-8 is read repaired as text, and as it is as bytes")
    func invalidText() async throws {
        try await withDatabase { database async throws in
            let sql = "SELECT CAST(x'61ff62' AS TEXT)"
            #expect(try await database.value(sql) == "a\u{FFFD}b")
            let bytes = try await database.query(sql) { cursor in
                _ = try cursor.next()
                let text = cursor.withText(0) { span in (0..<span.count).map { span[$0] } }
                return [text, cursor.blob(0)]
            }
            #expect(bytes == [[0x61, 0xff, 0x62], [0x61, 0xff, 0x62]])
        }
    }

    @Test("Bound values do not outlive the run that bound them")
    func bindingsAreReplaced() async throws {
        try await withDatabase { database async throws in
            let sql = "SELECT length(?), ?"
            let large = SQLiteValue.text(String(repeating: "y", count: 10_000))
            #expect(try await database.query(sql, [large, 1])[0][0] == 10_000)
            #expect(try await database.query(sql, [nil, nil])[0].cells == [nil, nil])
        }
    }

    @Test("Arguments have to be as many as parameters", arguments: [0, 1, 3])
    func argumentCount(_ count: Int) async throws {
        try await withDatabase { database async throws in
            let arguments = [SQLiteValue](repeating: 1, count: count)
            let error = await databaseError { _ = try await database.query("SELECT ?, ?", arguments) }
            #expect(error?.kind == .invalid)
            #expect(error?.message == "the statement has 2 parameters, but \(count) arguments were given")
        }
    }
}
