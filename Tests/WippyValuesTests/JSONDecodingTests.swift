import Testing
import WippyValues

@Suite("JSON text becomes values")
struct JSONDecodingTests {
    @Test("There are cases of every sort")
    func table() throws {
        #expect(try JSONCase.table.get().count > 600)
        #expect(JSONCase.valid.count > 200)
    }

    @Test(
        "A text becomes the value that is written again, or is refused at the byte that breaks a rule",
        arguments: JSONCase.all)
    func verdict(_ case: JSONCase) throws {
        switch `case`.verdict {
        case .value(let written): #expect(try JSON.encode(JSON.decode(`case`.text)) == written)
        case .error(let offset): #expect(failure(`case`.text)?.place?.offset == offset)
        }
    }

    @Test("A text becomes the sort of value that its form says", arguments: JSONCases.values)
    func sort(_ text: String, _ expected: Value) throws {
        #expect(try JSON.decode(text) == expected)
    }

    @Test("Every beginning of a list, map or string is refused without a trap", arguments: JSONCase.valid)
    func truncated(_ case: JSONCase) throws {
        let bytes = `case`.text
        let end = try #require(bytes.lastIndex { $0 > 0x20 })
        guard "]}\"".utf8.contains(bytes[end]) else { return }
        for length in 0..<end {
            #expect(failure(Array(bytes[..<length])) != nil)
        }
    }

    @Test("The sentence, line and column say what is wrong", arguments: JSONCases.sentences)
    func sentences(_ text: String, _ description: String) {
        #expect(failure(Array(text.utf8))?.description == description)
    }

    @Test("Nesting is allowed up to the limit and no deeper")
    func nesting() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: Never.self) { try JSON.decode(nested(128)) }
        #expect(failure(nested(129))?.description == "line 1, column 129: lists and maps are nested deeper than 128")
        #expect(throws: Never.self) { try JSON.decode(nested(3), maxNesting: 3) }
        #expect(throws: JSONError.self) { try JSON.decode(nested(4), maxNesting: 3) }
        #expect(throws: JSONError.self) { try JSON.decode(nested(1), maxNesting: -1) }
        #expect(throws: Never.self) { try JSON.decode(nested(512), maxNesting: .max) }
        #expect(throws: JSONError.self) { try JSON.decode(nested(513), maxNesting: .max) }
        // Closing gives the depth back.
        #expect(throws: Never.self) { try JSON.decode("[[[]],[[]],{\"a\":[]},{},[]]", maxNesting: 3) }
        #expect(throws: Never.self) { try JSON.decode("[{\"a\":1},{\"a\":1},{\"a\":1},{},{},[],[]]", maxNesting: 2) }
    }

    @Test("A byte that needs care is seen at every place of a string")
    func everyPlace() throws {
        for place in 0..<32 {
            for byte in UInt8(0)...0x7F {
                var text = [UInt8](repeating: UInt8(ascii: "x"), count: 32)
                text[place] = byte
                let quoted = [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]
                let isPlain = byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                #expect((failure(quoted) == nil) == isPlain)
                let value = Value.string(String(decoding: text, as: UTF8.self))
                let written = try JSON.encode(value)
                #expect((written == quoted) == isPlain)
                #expect(written.allSatisfy { $0 >= 0x20 })
                #expect(try JSON.decode(written) == value)
            }
        }
    }

    @Test("Two megabytes of opening brackets are an error")
    func openBrackets() {
        #expect(failure(Array(repeating: UInt8(ascii: "["), count: 2_000_000))?.place?.offset == 128)
        let maps = Array(String(repeating: "{\"a\":", count: 400_000).utf8)
        #expect(failure(maps)?.place?.offset == 128 * 5)
    }

    @Test("A number of 10,000 digits is the nearest float, or an error past its range")
    func longNumbers() throws {
        let digits = String(repeating: "7", count: 10_000)
        #expect(try JSON.decode("0.\(digits)") == .float(0.7777777777777778))
        #expect(try JSON.decode("\(digits)e-9999") == .float(7.777777777777778))
        #expect(try JSON.decode("-\(digits).\(digits)e-9999") == .float(-7.777777777777778))
        #expect(try JSON.decode("0.\(String(repeating: "0", count: 10_000))7e10001") == .float(7))
        #expect(try JSON.decode("1e-\(digits)") == .float(0))
        #expect(failure(Array("[\(digits)]".utf8))?.place?.offset == 1)
        #expect(failure(Array("1e\(digits)".utf8))?.message == "the number is past the range of a 64-bit float")
        #expect(failure(Array("0\(digits)".utf8)) != nil)
    }

    @Test("A digit far behind decides between two floats")
    func halfway() throws {
        // 1 + 2^-53 lies halfway between 1 and the next float: alone it rounds to even, with anything behind it up.
        let half = "1.00000000000000011102230246251565404236316680908203125"
        #expect(try JSON.decode(half) == .float(1))
        #expect(try JSON.decode("\(half)\(String(repeating: "0", count: 2_000))") == .float(1))
        #expect(try JSON.decode("\(half)\(String(repeating: "0", count: 2_000))1") == .float(1.0.nextUp))
    }

    @Test("Numbers become the same floats as in the standard library")
    func floats() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let float = Double(bitPattern: random.next())
            guard float.isFinite else { continue }
            #expect(try JSON.decode("\(float)").float == float)
        }
        for _ in 0..<20_000 {
            let digits = random.next() >> (random.next() % 64)
            let text = "\(digits % 1_000_000).\(digits)e\(Int(random.next() % 60) - 30)"
            #expect(try JSON.decode(text) == .float(try #require(Double(text))))
        }
    }

    @Test("Negative zero is a float only with a fraction or an exponent")
    func negativeZero() throws {
        #expect(try JSON.decode("-0") == .integer(0))
        #expect(try JSON.decode("-0.0").float?.sign == .minus)
        #expect(try JSON.decode("-0e5").float?.sign == .minus)
    }

    @Test("A large map with shuffled keys is read, and one repeated key in it is found")
    func largeMap() throws {
        var random = SeededGenerator(seed: 3)
        let keys = (0..<5_000).map { "key\($0)" }.shuffled(using: &random)
        let pairs = keys.map { "\"\($0)\":\"\($0)\"" }
        let map = try #require(try JSON.decode("{\(pairs.joined(separator: ","))}").map)
        #expect(map.count == 5_000)
        #expect(keys.allSatisfy { map[$0] == .string($0) })
        let text = "{\(pairs.joined(separator: ",")),\"key77\":1}"
        #expect(failure(Array(text.utf8))?.place?.offset == text.utf8.count - "\"key77\":1}".utf8.count)
    }
}

/// What is wrong with a text, or nil if it is valid.
func failure(_ bytes: [UInt8]) -> JSONError? {
    do throws(JSONError) {
        _ = try JSON.decode(bytes)
        return nil
    } catch {
        return error
    }
}
