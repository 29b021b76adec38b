import Testing
import WippyValues

@Suite("Values become JSON text")
struct JSONEncodingTests {
    @Test(
        "A value is written in one form",
        arguments: [
            (nil, "null"), (true, "true"), (false, "false"), (0, "0"), (-1, "-1"),
            (.integer(.max), "9223372036854775807"),
            (.integer(.min), "-9223372036854775808"), (10, "10"), (1_234_567_890, "1234567890"),
            (3.0, "3"), (-3.0, "-3"), (0.0, "0"), (-0.0, "-0.0"), (1.5, "1.5"), (0.1, "0.1"),
            (1e15, "1000000000000000"),
            (9_007_199_254_740_992.0, "9007199254740992.0"), (1e16, "1e+16"), (1e17, "1e+17"), (1e300, "1e+300"),
            (0x1p63, "9.223372036854776e+18"), (.float(.leastNonzeroMagnitude), "5e-324"), (1e-7, "1e-07"),
            (0.30000000000000004, "0.30000000000000004"),
            (.float(.nan), "null"), (.float(.infinity), "null"), (.float(-.infinity), "null"),
            ("", "\"\""), ("a", "\"a\""), ("\"\\/", "\"\\\"\\\\/\""), ("\u{8}\t\n\u{C}\r", "\"\\b\\t\\n\\f\\r\""),
            ("\0\u{1}\u{1F}\u{7F}", "\"\\u0000\\u0001\\u001f\u{7F}\""), ("<&>\u{2028}", "\"<&>\u{2028}\""),
            ("\u{E9}\u{1F600}", "\"\u{E9}\u{1F600}\""),
            ("12345678\"12345678\n", "\"12345678\\\"12345678\\n\""), ("\u{E9}\n\u{E9}", "\"\u{E9}\\n\u{E9}\""),
            (.bytes([]), "\"\""), (.bytes([0]), "\"AA==\""), (.bytes([0xFF, 0xFE]), "\"//4=\""),
            (.bytes([0, 16, 131]), "\"ABCD\""),
            (.bytes(Array("hello".utf8)), "\"aGVsbG8=\""), (.bytes([0xFB, 0xEF, 0xBE]), "\"++++\""),
            ([], "[]"), ([:], "{}"), ([[], [:], [nil]], "[[],{},[null]]"), ([1, "a", 2.5], "[1,\"a\",2.5]"),
            (["b": 1, "a": [:], "B": []], "{\"B\":[],\"a\":{},\"b\":1}"), (["a\"\n": 1], "{\"a\\\"\\n\":1}"),
            (["z": ["y": 1, "x": 2], "\u{E9}": 1], "{\"z\":{\"x\":2,\"y\":1},\"\u{E9}\":1}"),
        ] as [(Value, String)])
    func written(_ value: Value, _ text: String) throws {
        #expect(String(decoding: try JSON.encode(value), as: UTF8.self) == text)
    }

    @Test("Writing appends, and a value nested too deep leaves the bytes as they were")
    func appending() throws {
        var bytes = Array("data: ".utf8)
        try JSON.encode([1], into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "data: [1]")
        var deep: Value = 1
        for level in 0..<128 { deep = level.isMultiple(of: 2) ? [deep] : ["a": deep] }
        #expect(throws: Never.self) { try JSON.encode(deep) }
        let error = #expect(throws: JSONError.self) { try JSON.encode([deep], into: &bytes) }
        #expect(error?.description == "lists and maps are nested deeper than 128")
        #expect(String(decoding: bytes, as: UTF8.self) == "data: [1]")
    }

    @Test("Every finite float reads back as itself")
    func floats() throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            let float = Double(bitPattern: random.next())
            guard float.isFinite else { continue }
            #expect(try JSON.decode(JSON.encode(.float(float))).float == float)
        }
        for exponent in 0..<64 {
            let float = Double(1 << UInt64(exponent))
            #expect(try JSON.decode(JSON.encode(.float(float))).float == float)
        }
    }

    @Test("What is written reads as the same and is written the same", arguments: JSONCase.valid)
    func fixpoint(_ case: JSONCase) throws {
        let written = try #require(`case`.written)
        #expect(try JSON.encode(JSON.decode(written)) == written)
    }

    @Test("Damaged texts are errors or values that are written in one form")
    func mutations() throws {
        var random = SeededGenerator(seed: 2024)
        let seeds =
            JSONCase.valid.map(\.text) + [
                Array(#"{"id":"550e8400-e29b","n":[1,2.5e3,-0.0,null],"m":{"k":"\u00e9\ud83d\ude00","z":true}}"#.utf8)
            ]
        let alphabet =
            Array("{}[],:\"\\u0123456789abcdefDdCc.eE+-tfn \n\t".utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xFF]
        var valid = 0
        for round in 0..<60_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0...Int(random.next() % 4) {
                let place = Int(random.next() % UInt64(bytes.count + 1))
                switch random.next() % 3 {
                case 0: bytes.insert(alphabet[Int(random.next() % UInt64(alphabet.count))], at: place)
                case 1 where place < bytes.count: bytes.remove(at: place)
                default:
                    guard place < bytes.count else { continue }
                    bytes[place] = alphabet[Int(random.next() % UInt64(alphabet.count))]
                }
            }
            guard let value = try? JSON.decode(bytes) else {
                let place = try #require(failure(bytes)?.place)
                #expect(0...bytes.count ~= place.offset && place.line >= 1 && place.column >= 1)
                continue
            }
            valid += 1
            let written = try JSON.encode(value)
            #expect(try JSON.encode(JSON.decode(written)) == written)
        }
        // The damage must leave some texts valid, or the comparison has seen nothing.
        #expect(valid > 1_000)
    }
}
