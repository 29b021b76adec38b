import Testing
import WippyValues

@Suite("Maps of values")
struct ValueMapTests {
    @Test("Keys are sorted by their bytes, a shorter one first")
    func order() {
        let map: ValueMap = ["b": 1, "a": 2, "aa": 3, "B": 4, "\u{E9}": 5, "": 6, "\u{1F600}": 7, "\u{FFFF}": 8]
        #expect(Array(map.keys) == ["", "B", "a", "aa", "b", "\u{E9}", "\u{FFFF}", "\u{1F600}"])
        #expect(map.first?.key == "")
    }

    @Test("Of a repeated key the rule says which value counts", arguments: [2, 3, 40])
    func repeated(_ count: Int) {
        let pairs = (0..<count).flatMap {
            [(key: "k\($0 % 2)", value: Value.integer($0)), (key: "x", value: .integer($0))]
        }
        let first = ValueMap(pairs, onRepeatedKey: .keepFirst)
        let last = ValueMap(pairs, onRepeatedKey: .keepLast)
        #expect(first.count == 3 && last.count == 3)
        #expect(first["x"] == 0)
        #expect(last["x"] == .integer(count - 1))
        #expect(ValueMap(unique: pairs) == nil)
        let literal: Value = ["a": 1, "a": 2]
        #expect(literal == ["a": 2])
    }

    @Test("A map does what a dictionary does")
    func likeADictionary() {
        var random = SeededGenerator(seed: 7)
        var map = ValueMap()
        var dictionary: [String: Value] = [:]
        for round in 0..<4_000 {
            let key = "k\(random.next() % 60)"
            if random.next() % 3 == 0 {
                map[key] = nil
                dictionary[key] = nil
            } else {
                map[key] = .integer(round)
                dictionary[key] = .integer(round)
            }
            #expect(map.count == dictionary.count)
            let probe = "k\(random.next() % 60)"
            #expect(map[probe] == dictionary[probe])
        }
        #expect(Array(map.keys) == dictionary.keys.sorted())
        let shuffled = dictionary.map { (key: $0.key, value: $0.value) }.shuffled(using: &random)
        #expect(ValueMap(unique: shuffled) == map)
        #expect(ValueMap(unique: shuffled)?.hashValue == map.hashValue)
        #expect(ValueMap(uniqueSortedPairs: Array(map)) == map)
    }

    @Test("Null is a value and nil removes")
    func null() {
        var map: ValueMap = ["a": nil]
        #expect(map["a"] == .some(.null))
        #expect(map["b"] == nil)
        map["b"] = .some(.null)
        map["a"] = nil
        #expect(map == ["b": nil])
    }
}
