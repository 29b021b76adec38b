import Testing
import WippyText
import WippyValues

@Suite("Texts by their bytes")
struct ExactTextTests {
    @Test("Two texts are one if each byte is the same, whatever their length", arguments: 0...40)
    func equality(_ length: Int) {
        // Put together at run time, so that neither is the other's storage.
        let text = String(decoding: (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }, as: UTF8.self)
        let other = String(decoding: Array(text.utf8), as: UTF8.self)
        #expect(ExactText(text) == ExactText(other))
        #expect(ExactText(text).hashValue == ExactText(other).hashValue)
        #expect(!(ExactText(text) < ExactText(other)) && ExactText(text) < ExactText(text + "a"))
        for index in 0..<length {
            var bytes = Array(text.utf8)
            bytes[index] = UInt8(ascii: "~")
            let changed = ExactText(String(decoding: bytes, as: UTF8.self))
            #expect(ExactText(text) != changed && ExactText(text) < changed, "byte \(index)")
        }
    }

    @Test("Forms that Swift takes as equal are several keys, in the order of their bytes")
    func forms() {
        let texts: [ExactText] = ["e\u{301}", "\u{e9}", "\u{212a}", "K", ";", "\u{37e}"]
        #expect(Set(texts).count == texts.count)
        #expect(texts.sorted() == [";", "K", "e\u{301}", "\u{e9}", "\u{37e}", "\u{212a}"])
    }

    @Test("Prefixes, suffixes and parts are bytes; only ASCII letters change their case")
    func parts() {
        #expect("/\u{301}x".hasExactPrefix("/") && !"a".hasExactPrefix("ab") && "".hasExactPrefix(""))
        #expect("\u{600}/".hasExactSuffix("/") && !"b".hasExactSuffix("ab") && !"\u{212a}".hasExactSuffix("K"))
        #expect("a${env:\u{301}".containsExactly("${env:") && !"caf\u{e9}".containsExactly("e\u{301}"))
        #expect("-\u{301}5".dropping("-") == "\u{301}5")
        #expect("\u{212a}Z\u{c9}".lowercasedASCII.utf8.elementsEqual("\u{212a}z\u{c9}".utf8))
        #expect("\u{df}z\u{e9}".uppercasedASCII.utf8.elementsEqual("\u{df}Z\u{e9}".utf8))
    }

    @Test("A dictionary's keys come from the data as they are")
    func decodedKeys() throws {
        enum Keys: String, CodingKey { case kelvin = "K" }
        struct Allowed: Decodable {
            var count: Int

            init(from decoder: any Decoder) throws {
                count = try decoder.container(keyedBy: Keys.self).allKeys.count
            }
        }
        #expect(try ValueDecoder().decode(Allowed.self, from: ["\u{212a}": 1]).count == 0)
        #expect(try ValueDecoder().decode(Allowed.self, from: ["K": 1]).count == 1)
    }

    @Test("A dictionary that would lose a pair is an error at its field; a map of values keeps both")
    func equivalentKeys() throws {
        let value: Value = ["labels": ["caf\u{e9}": 1, "cafe\u{301}": 2, "a": 3]]
        let error = #expect(throws: ValueCodingError.self) {
            try ValueDecoder().decode([String: [String: Int]].self, from: value)
        }
        #expect(
            error?.description == "'labels' has two keys that look the same but differ in their bytes")
        #expect(try ValueDecoder().decode([String: ValueMap].self, from: value)["labels"]?.count == 3)
        let distinct: Value = ["caf\u{e9}": 1, "\u{212a}": 2, "k": 3]
        #expect(try ValueDecoder().decode([String: Int].self, from: distinct).count == 3)
    }
}
