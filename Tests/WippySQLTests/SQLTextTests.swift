import Testing
import WippyRuntime
import WippyValues

@testable import WippySQL

@Suite("SQL as a program writes it")
struct SQLTextTests {
    static let hostile = [
        "'; DROP TABLE tasks; --", "\" OR 1=1", "?", "??", "$1", "x' OR 'a'='a", "\0", "é\u{0301}", "%", "\\", "",
    ]

    @Test("An interpolated value is bound and never becomes text", arguments: hostile)
    func interpolation(_ value: String) throws {
        let sql: SQL = "SELECT \(value) FROM t WHERE a = \(value) AND b = \(7)"
        let statement = try sql.statement(parameterStyle: .question)
        #expect(statement.text == "SELECT ? FROM t WHERE a = ? AND b = ?")
        #expect(statement.arguments == [.string(value), .string(value), 7])
        #expect(try sql.statement(parameterStyle: .dollar).text == "SELECT $1 FROM t WHERE a = $2 AND b = $3")
        let others = [
            ":": "SELECT :1 FROM t WHERE a = :2 AND b = :3", "@p": "SELECT @p1 FROM t WHERE a = @p2 AND b = @p3",
        ]
        for (mark, text) in others { #expect(try sql.statement(parameterStyle: .numbered(after: mark)).text == text) }
    }

    @Test("Pieces are put together with their values")
    func pieces() throws {
        let inner: SQL = "b = \(1) OR c = \(nil as String?)"
        let statement = try ("a = \(true) AND (\(inner)) LIMIT 1" as SQL).statement(parameterStyle: .dollar)
        #expect(statement.text == "a = $1 AND (b = $2 OR c = $3) LIMIT 1")
        #expect(statement.arguments == [true, 1, nil])
    }

    @Test("A text is as it was written when its values are listed")
    func listed() throws {
        let statement = try ("a = ? AND b = ?" as SQL).statement([1, nil], parameterStyle: .dollar)
        #expect(statement == SQLStatement("a = ? AND b = ?", [1, nil]))
    }

    @Test("Interpolated and listed values exclude each other")
    func mixed() throws {
        let error = try #require(throws: WippyError.self) {
            try ("a = \(1) AND b = ?" as SQL).statement([2], parameterStyle: .question)
        }
        #expect(error.kind == .invalid)
    }

    @Test(
        "A name that is known at run time is an identifier",
        arguments: ["a", "_a1", "Tasks", "main.tasks.id", "created_at", String(repeating: "a", count: 128)])
    func names(_ name: String) throws {
        #expect(try ("ORDER BY \(name: name)" as SQL).statement(parameterStyle: .question).text == "ORDER BY \(name)")
    }

    @Test(
        "A name that is none is refused",
        arguments: hostile + [
            "1a", "a b", "a.", ".a", "a..b", "a.b.c.d", "a--", "a\n", "a@b", "a[0]", "[a]", "`a`", "a{", "ä", "a;",
            "(SELECT 1)", "a DESC", String(repeating: "a", count: 129),
        ])
    func refusedNames(_ name: String) throws {
        let sql: SQL = "SELECT \(name: name) FROM t"
        let error = try #require(throws: WippyError.self) { try sql.statement(parameterStyle: .question) }
        #expect(error.kind == .invalid)
        #expect(error.message == "a table's or column's name must be ASCII letters, digits and '_', joined by dots")
        #expect(throws: WippyError.self) { try ("a \(sql)" as SQL).statement(parameterStyle: .question) }
        #expect(throws: WippyError.self) { try SelectRows("a").from(sql).statement(.question) }
    }

    @Test("Arguments of every type have their value")
    func arguments() {
        let arguments: [any SQLArgument] = [
            "a", "abc".dropFirst(), true, 1.5, Float(0.5), Int.min, Int64.max, UInt32.max, UInt8(7), Int8(-7),
            [1, 2] as [UInt8], nil as Int?, Optional(3), Value.float(2), ["a", "b"],
            UniqueID(high: 0, low: 1),
        ]
        #expect(
            arguments.map(\.sqlValue) == [
                "a", "bc", true, 1.5, 0.5, .integer(.min), .integer(.max), 4_294_967_295, 7, -7, .bytes([1, 2]), nil,
                3, .float(2), ["a", "b"], "00000000-0000-0000-0000-000000000001",
            ])
    }
}
