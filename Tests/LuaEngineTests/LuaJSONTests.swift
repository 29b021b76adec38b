import LuaEngine
import Testing

@Suite struct LuaJSONTests {
    static let module = LuaModule(
        "json",
        [
            .function("decode") { stack in
                do {
                    let isString: Void? = try stack.withSpan(at: 1) { text in try LuaJSON.decode(text, onto: stack) }
                    guard isString != nil else { throw LuaRaise("a string expected") }
                    return .one
                } catch let error as LuaJSON.ReadingError {
                    return stack.fail(LuaError(kind: "Internal", error.description))
                }
            },
            .function("encode") { stack in
                do {
                    stack.push(try LuaJSON.encode(stack, at: 1))
                    return .one
                } catch let error as LuaJSON.WritingError {
                    return stack.fail(LuaError(kind: "Internal", error.description))
                }
            },
        ])

    static let unchanged = [
        "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "0.5", "-1.25", "[]", "{}",
        "[1,2,3]", #"{"a":1,"b":[{},[]],"c":{"d":"e"}}"#, #""""#, #""\"\\\n\r\t\u0001é""#, #"[[[{}]]]"#, "1234567.5",
    ]

    @Test(arguments: unchanged) func survivesTheWayThrough(_ text: String) async throws {
        #expect(
            try await run("return json.encode(json.decode([==[\(text)]==]))", modules: [Self.module]) == [.string(text)]
        )
    }

    /// Each character at each place of texts of each length up to 20 bytes.
    @Test func escapesEachCharacterAtEachPlace() async throws {
        for character in (0...0x7f).map({ Character(UnicodeScalar($0)) }) + ["é", "😀"] {
            var texts: [String] = []
            for length in 1...20 {
                texts += (0..<length).map { place in
                    String(repeating: "\\", count: place) + String(character) + String(repeating: "x", count: length)
                }
                texts.append(String(repeating: character, count: length))
            }
            let expected = texts.map { "\"" + $0.map(Self.escaped).joined() + "\"" }
            let state = try LuaState(LuaEnvironment(modules: [Self.module], limits: .unhurried) { _, _ in })
            let list = LuaValue.array(texts.map { .bytes(Array($0.utf8)) })
            let written = try await run("return json.encode(...)", in: state, arguments: [list])
            #expect(written == [.string("[" + expected.joined(separator: ",") + "]")])
        }
    }

    private static func escaped(_ character: Character) -> String {
        switch character {
        case "\"": #"\""#
        case "\\": #"\\"#
        case "\n": #"\n"#
        case "\r": #"\r"#
        case "\t": #"\t"#
        case "\u{0}"..."\u{1f}":
            #"\u00"# + ["0", "1"][Int(character.asciiValue ?? 0) / 16]
                + String(Int(character.asciiValue ?? 0) % 16, radix: 16)
        default: String(character)
        }
    }

    static let changed: [(String, String)] = [
        ("1e2", "100"), ("1.0", "1"), (" [ 1 , 2 ] ", "[1,2]"), (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#),
        (#"{"a":null}"#, "{}"), ("[1,null]", "[1]"), (#""\u00e9\ud83d\ude00\/""#, #""é😀/""#),
        (#""\ud800""#, "\"\u{fffd}\""),
        (#"{"a":1,"a":2}"#, #"{"a":2}"#), ("18446744073709551616", "18446744073709552000"), ("1e400", "null"),
    ]

    @Test(arguments: changed.indices) func becomesWhatItMeans(_ index: Int) async throws {
        let (text, expected) = Self.changed[index]
        #expect(
            try await run("return json.encode(json.decode([==[\(text)]==]))", modules: [Self.module]) == [
                .string(expected)
            ])
    }

    static let broken = [
        "", " ", "[", "[1,]", "{", #"{"a"}"#, #"{"a":}"#, "{1:2}", "01", "1.", ".5", "-", "+1", "nul", "truex", "1 2",
        #""a"#, #""\x""#, #""\u12""#, "\"\u{1}\"", "[1 2]", "NaN", "'a'", String(repeating: "[", count: 129),
    ]

    @Test(arguments: broken) func isRefused(_ text: String) async throws {
        let results = try await run(
            "local v, e = json.decode([==[\(text)]==]) return v, tostring(e)", modules: [Self.module])
        #expect(results[0] == .nil)
        #expect(results[1].string?.contains(" at byte ") == true)
    }

    static let written: [(String, String?)] = [
        ("{}", "[]"), ("{x = {}}", #"{"x":[]}"#), ("{1, 2, x = 3}", nil), ("{[1] = 1, [3] = 3}", nil),
        ("{[2] = 1}", nil),
        ("{[true] = 1}", #"{"true":1}"#), ("{[1.5] = 1}", #"{"1.5":1}"#), ("0/0", "null"), ("1/0", "null"),
        ("function() end", "null"), ("errors.new('m')", #""m""#), ("3.0", "3"), ("1e-5", "0.00001"),
        ("'<&>'", #""<&>""#),
        ("'\\255'", "\"\u{fffd}\""), ("(function() local t = {} t.t = t return t end)()", nil),
    ]

    @Test(arguments: written.indices) func valuesAreWritten(_ index: Int) async throws {
        let (text, expected) = Self.written[index]
        let results = try await run("return (json.encode(\(text)))", modules: [Self.module])
        #expect(results == [expected.map { .string($0) } ?? .nil], "\(text)")
    }
}
