import Testing
import WippyTextTools

@Suite("Differences and patches")
struct TextDifferenceTests {
    @Test("The runs of a difference give both texts", arguments: [("kitten", "sitting"), ("", "a"), ("abc", "abc")])
    func runs(old: String, new: String) {
        let runs = TextDifference(from: Array(old.unicodeScalars), to: Array(new.unicodeScalars)).runs
        #expect(runs.filter { $0.operation != .insert }.map(\.text).joined() == old)
        #expect(runs.filter { $0.operation != .delete }.map(\.text).joined() == new)
    }

    @Test("A patch survives as text, and is applied where the text has its characters")
    func patches() throws {
        let (old, new) = ("one two three\n", "one 2 three\n")
        let made = TextPatch.patches(from: Array(old.unicodeScalars), to: Array(new.unicodeScalars), margin: 4)
        let read = try made.map { try #require(TextPatch($0.text)) }
        let moved = TextPatch.apply(read, to: Array("zero one two three\n".unicodeScalars), within: 10)
        #expect(moved.text == "zero one 2 three\n" && moved.isComplete)
        let other = TextPatch.apply(read, to: Array("nothing".unicodeScalars), within: 10)
        #expect(other.text == "nothing" && !other.isComplete)
    }
}
