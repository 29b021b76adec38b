import Testing
import WippyRuntime
import WippyValues

@testable import WippySQL

@Suite("Rows as Decodable types")
struct SQLRowDecoderTests {
    enum Status: String, Decodable { case pending, completed }

    struct Task: Decodable, Equatable {
        var id: String
        var count: Int
        var small: Int16
        var ratio: Double
        var isDone: Bool
        var status: Status
        var note: String?
        var processed: Int?
        var data: [UInt8]

        enum CodingKeys: String, CodingKey {
            case id, count, small, ratio, status, note, processed, data
            case isDone = "is_done"
        }
    }

    @Test("Each key is a column, in any order; NULL and absent columns are nil")
    func rows() throws {
        let rows = SQLRows(
            columns: ["data", "is_done", "id", "count", "small", "ratio", "status", "note"],
            cells: [
                .bytes([1]), true, "a", 1, 2, 0.5, "pending", nil,
                .bytes([]), 0, "b", .integer(.max), -3, 4, "completed", "n",
            ])
        let tasks = try SQLRowDecoder.decode(Task.self, from: rows)
        #expect(
            tasks == [
                Task(id: "a", count: 1, small: 2, ratio: 0.5, isDone: true, status: .pending, data: [1]),
                Task(
                    id: "b", count: .max, small: -3, ratio: 4, isDone: false, status: .completed, note: "n", data: []),
            ])
    }

    @Test("A key is the column of exactly that name")
    func exactNames() throws {
        struct Row: Decodable {
            var count: Int

            enum CodingKeys: String, CodingKey { case count = "caf\u{e9}" }
        }
        let rows = SQLRows(columns: ["cafe\u{301}", "caf\u{e9}"], cells: [2, 1])
        #expect(rows[0]["caf\u{e9}"] == 1)
        #expect(rows[0]["cafe\u{301}"] == 2)
        #expect(try SQLRowDecoder.decode(Row.self, from: rows).map(\.count) == [1])
    }

    @Test("Whole numbers are exact in every width, and a REAL of 2^53 or more is none")
    func wideNumbers() throws {
        struct Row: Decodable, Equatable {
            var wide: Int128
            var unsigned: UInt64
        }
        let rows = SQLRows(columns: ["wide", "unsigned"], cells: [.integer(.min), .integer(.max)])
        let expected = Row(wide: Int128(Int.min), unsigned: UInt64(Int.max))
        #expect(try SQLRowDecoder.decode(Row.self, from: rows) == [expected])
        #expect(try SQLRowDecoder.decode(UInt128.self, from: SQLRows(columns: ["a"], cells: [7])) == [7])
        #expect(throws: WippyError.self) {
            try SQLRowDecoder.decode(Int.self, from: SQLRows(columns: ["a"], cells: [.float(0x1p53)]))
        }
    }

    @Test("A type that is one value is read from the first column")
    func single() throws {
        let rows = SQLRows(columns: ["a", "b"], cells: [1, "x", nil, "y"])
        #expect(try SQLRowDecoder.decode(Int?.self, from: rows) == [1, nil])
        #expect(try SQLRowDecoder.decode([Int].self, from: SQLRows(columns: [], cells: [])) == [])
        #expect(try SQLRowDecoder.decode(Value.self, from: SQLRows(columns: ["a"], cells: ["x"])) == ["x"])
    }

    @Test("Of several columns of one name the last one counts")
    func repeatedNames() throws {
        struct Row: Decodable { let a: Int }
        let rows = SQLRows(columns: ["a", "a", "b"], cells: [1, 2, 3])
        #expect(try SQLRowDecoder.decode(Row.self, from: rows).map(\.a) == [2])
    }

    @Test("The empty name is that of a column with this name, not of a column whose name another one has")
    func emptyNames() throws {
        struct Row: Decodable {
            let keys: [String]
            let unnamed: Int?
            let a: Int

            enum Key: String, CodingKey {
                case unnamed = ""
                case a
            }

            init(from decoder: any Decoder) throws {
                let row = try decoder.container(keyedBy: Key.self)
                keys = row.allKeys.map(\.stringValue)
                #expect(row.contains(.unnamed) == keys.contains(""))
                unnamed = try row.decodeIfPresent(Int.self, forKey: .unnamed)
                a = try row.decode(Int.self, forKey: .a)
            }
        }
        for (columns, unnamed) in [(["a", "a"], nil), (["", "a"], 1), (["a", "", "", "a"], 3)] as [([String], Int?)] {
            let rows = SQLRows(columns: columns, cells: (1...columns.count).map { .integer($0) })
            let row = try #require(try SQLRowDecoder.decode(Row.self, from: rows).first)
            #expect(row.unnamed == unnamed)
            #expect(row.a == columns.count)
            #expect(row.keys == (unnamed == nil ? ["a"] : ["", "a"]))
        }
    }

    @Test("A type may ask for the same key twice and for unknown ones")
    func ownCode() throws {
        struct Row: Decodable {
            let sum: Int

            enum Key: String, CodingKey { case a, b, c }

            init(from decoder: any Decoder) throws {
                let row = try decoder.container(keyedBy: Key.self)
                #expect(row.allKeys == [.b, .a])
                #expect(row.contains(.a) && !row.contains(.c))
                let (a, again) = (try row.decode(Int.self, forKey: .a), try row.decode(Int.self, forKey: .a))
                sum =
                    try a + again + row.decode(Int.self, forKey: .b) + (row.decodeIfPresent(Int.self, forKey: .c) ?? 0)
            }
        }
        let rows = SQLRows(columns: ["b", "a"], cells: [1, 10, 2, 20])
        #expect(try SQLRowDecoder.decode(Row.self, from: rows).map(\.sum) == [21, 42])
    }

    struct Misfit: CustomTestStringConvertible, Sendable {
        let cell: Value
        let sentence: String
        var testDescription: String { sentence }
    }

    @Test(
        "A row that does not fit says which column is what",
        arguments: [
            Misfit(cell: "secret", sentence: "'n' must be a whole number, got a string"),
            Misfit(cell: nil, sentence: "'n' must be a whole number, got null"),
            Misfit(cell: 300, sentence: "'n' must be a whole number from 0 through 255"),
            Misfit(cell: 0.5, sentence: "'n' must be a whole number, got a number with a fraction"),
        ])
    func misfit(_ example: Misfit) throws {
        struct Row: Decodable { let n: UInt8 }
        let rows = SQLRows(columns: ["n"], cells: [1, example.cell])
        let error = try #require(throws: WippyError.self) { try SQLRowDecoder.decode(Row.self, from: rows) }
        #expect(error.kind == .invalid)
        #expect(error.message == "row 2 cannot be decoded: \(example.sentence)")
    }

    @Test("A missing column, an unknown choice and a nested type are refused")
    func shapes() throws {
        struct Missing: Decodable { let x: Int }
        struct Choice: Decodable { let a: Status }
        struct Nested: Decodable { let a: Missing }
        let rows = SQLRows(columns: ["a"], cells: ["none"])
        for type: any Decodable.Type in [Missing.self, Choice.self, Nested.self, [Int].self] {
            let error = try #require(throws: WippyError.self) { try decode(type, rows) }
            #expect(error.kind == .invalid)
            #expect(error.message.hasPrefix("row 1 cannot be decoded: "))
        }
        let error = try #require(throws: WippyError.self) { try SQLRowDecoder.decode(Missing.self, from: rows) }
        #expect(error.message.hasSuffix("'x' is not among the query's columns"))
    }

    private func decode<T: Decodable>(_ type: T.Type, _ rows: SQLRows) throws {
        _ = try SQLRowDecoder.decode(type, from: rows)
    }
}
