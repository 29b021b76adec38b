import Testing
import WippyValues

@Suite("Values")
struct ValueTests {
    @Test("Shapes that look alike stay apart")
    func distinct() {
        let values: [Value] = [nil, false, 0, 0.0, "", .bytes([]), [], [:], [nil], ["": nil]]
        for (left, value) in values.enumerated() {
            for (right, other) in values.enumerated() {
                #expect((value == other) == (left == right))
            }
        }
        #expect(Set(values).count == values.count)
    }

    @Test("Text is compared by its bytes")
    func bytes() {
        let map: Value = ["\u{E9}": 1, "e\u{301}": 2]
        #expect(map.map?.count == 2)
        #expect(map["\u{E9}"] == 1)
        #expect(map["e\u{301}"] == 2)
        #expect(Value.string("\u{E9}") != .string("e\u{301}"))
        #expect(Set([Value.string("\u{E9}"), .string("e\u{301}")]).count == 2)
    }

    @Test("Accessors answer for their case only, and whole numbers cross over")
    func accessors() {
        let value: Value = [
            "n": 3, "f": 2.5, "w": 4.0, "s": "x", "l": [1, "y"], "b": true, "z": nil, "d": .bytes([1]),
        ]
        #expect(value["n"]?.integer == 3)
        #expect(value["n"]?.float == 3)
        #expect(value["f"]?.integer == nil)
        #expect(value["w"]?.integer == 4)
        #expect(Value.float(.nan).integer == nil)
        #expect(Value.float(1e300).integer == nil)
        #expect(value["s"]?.string == "x")
        #expect(value["s"]?.bytes == nil)
        #expect(value["d"]?.bytes == [1])
        #expect(value["l"]?[1] == "y")
        #expect(value["l"]?[2] == nil)
        #expect(value["l"]?[-1] == nil)
        #expect(value["b"]?.bool == true)
        #expect(value["z"]?.isNull == true)
        #expect(value["missing"] == nil)
        #expect(value["s"]?["x"] == nil)
    }

    @Test("A description is bounded and has no control characters")
    func description() {
        #expect(Value.null.description == "null")
        #expect(
            (["b": [1, 2.5, "x\n\u{1B}[2J\u{85}\u{202E}"], "a": .bytes([1, 2])] as Value).description
                == "{\"a\": <2 bytes>, \"b\": [1, 2.5, \"x\\n\\u{1b}[2J\\u{85}\\u{202e}\"]}")
        let long = Value.list(Array(repeating: .string(String(repeating: "\u{1F600}", count: 1_000)), count: 1_000))
        #expect(long.description.utf8.count <= 300)
        #expect(long.description.hasSuffix("\u{2026}"))
        var deep: Value = 1
        for _ in 0..<500 { deep = [deep] }
        #expect(deep.description.utf8.count <= 300)
    }
}
