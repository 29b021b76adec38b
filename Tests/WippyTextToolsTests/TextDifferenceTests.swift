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

    @Test(
        "A place beyond every text is as good as its end",
        arguments: ["+9223372036854775807", "+9223372036854775807,0", "+9223372036854775807,2"])
    func farPlaces(place: String) throws {
        let text = Array("zero one two".unicodeScalars)
        // The first patch is found further on than its place says, and every later one is looked for further on, too.
        let read = try ["@@ -1 +1 @@\n-one\n+1\n", "@@ -1 \(place) @@\n-two\n+2\n"].map { try #require(TextPatch($0)) }
        let made = TextPatch.apply(read, to: text, within: 100)
        #expect(made.text == "zero 1 2" && made.isComplete)
        let failed = TextPatch.apply(Array(read.reversed()), to: Array("nothing".unicodeScalars), within: 100)
        #expect(failed.text == "nothing" && !failed.isComplete)
        for patch in read { #expect(TextPatch(patch.text)?.text == patch.text) }
    }
}
