import LuaPatterns
import Testing

struct LuaMatcherTests {
    /// Each would take a machine's lifetime.
    @Test(arguments: [
        (String(repeating: ".-", count: 40) + "b", 200), (String(repeating: "a*", count: 60) + "b", 500),
        ("(a*)(a*)(a*)(a*)(a*)(a*)%1%2b", 300), ("%f[%a]a-a-a-a-a-a-a-b", 2_000), ("%b()", 1_000_000),
        ("[^b]-[^b]-c", 100_000),
    ])
    func aPatternThatGoesBackAndForthEnds(pattern: String, count: Int) {
        let text = [UInt8](repeating: UInt8(ascii: pattern == "%b()" ? "(" : "a"), count: count)
        let pattern = Array(pattern.utf8)
        var matcher = LuaMatcher(maxSteps: 1_000_000)
        #expect(throws: LuaPatternError.tooManySteps) {
            try matcher.firstMatch(of: pattern.span, in: text.span)
        }
    }

    @Test func aPlainSearchIsBoundedToo() {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
        let part = text[..<50_000] + [UInt8(ascii: "b")]
        var matcher = LuaMatcher(maxSteps: 1_000_000)
        #expect(throws: LuaPatternError.tooManySteps) {
            try matcher.firstOccurrence(of: Array(part).span, in: text.span)
        }
    }

    @Test func theStepsOfSeveralMatchesAddUp() throws {
        let text = Array("aaaaaaaaaa".utf8)
        var matcher = LuaMatcher(maxSteps: 1_000)
        _ = try matcher.firstMatch(of: Array("a*b".utf8).span, in: text.span)
        let once = 1_000 - matcher.stepsLeft
        _ = try matcher.firstMatch(of: Array("a*b".utf8).span, in: text.span)
        #expect(once > 50)
        #expect(matcher.stepsLeft == 1_000 - 2 * once)
    }

    @Test func deepPatternsAreRefused() {
        var matcher = LuaMatcher(maxSteps: 1_000_000)
        let pattern = Array(String(repeating: "a?", count: 10_000).utf8)
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 10_000)
        #expect(throws: LuaPatternError.malformed("pattern too complex")) {
            try matcher.firstMatch(of: pattern.span, in: text.span)
        }
    }

    @Test(arguments: [
        ("hello world", "%w*", [0..<5, 5..<5, 6..<11, 11..<11]), ("abc", "", [0..<0, 1..<1, 2..<2, 3..<3]),
        ("aaa", "^a", [0..<1]), ("", "a*", [0..<0]), ("ab", "b", [1..<2]),
    ])
    func emptyMatchesBehindAnotherCount(text: String, pattern: String, expected: [Range<Int>]) throws {
        let (text, pattern) = (Array(text.utf8), Array(pattern.utf8))
        var matcher = LuaMatcher(maxSteps: 1_000)
        var found: [Range<Int>] = []
        var start: Int? = 0
        while let offset = start, let match = try matcher.firstMatch(of: pattern.span, in: text.span, from: offset) {
            found.append(match)
            start = LuaMatcher.start(after: match, of: pattern.span, in: text.span)
        }
        #expect(found == expected)
    }

    @Test func aReplacementKeepsWhatIsNoCapture() throws {
        var matcher = LuaMatcher(maxSteps: 1_000)
        let (text, replacement) = (Array("key=val".utf8), Array("%2%%%x%1()%".utf8))
        _ = try matcher.firstMatch(of: Array("(%w+)=()".utf8).span, in: text.span)
        var result = ""
        try matcher.forEachPiece(of: replacement.span) { piece in
            switch piece {
            case .literal(let range): result += String(decoding: replacement[range], as: UTF8.self)
            case .text(let range): result += String(decoding: text[range], as: UTF8.self)
            case .position(let offset): result += "\(offset + 1)"
            }
        }
        #expect(result == "5%%xkey()%")
        #expect(throws: LuaPatternError.malformed("invalid capture index %3")) {
            try matcher.forEachPiece(of: Array("%3".utf8).span) { _ in }
        }
    }
}
