import Testing
import WippyTextTools

@Suite("Regular expressions")
struct RegularExpressionTests {
    private func found(_ pattern: String, in text: String, limit: Int = -1) throws -> [[Int]]? {
        try RegularExpression(pattern).matches(in: text.utf8Span.span, limit: limit)
    }

    @Test("Each match has the places of its groups, in bytes; a group without a match has -1")
    func groups() throws {
        #expect(try found("(é)|(?P<digit>[0-9])", in: "é1") == [[0, 2, 0, 2, -1, -1], [2, 3, -1, -1, 2, 3]])
        #expect(try RegularExpression("(a)(?P<digit>b)").groupNames == ["", "", "digit"])
    }

    @Test("An empty match right after another one is left out, and a limit ends the search")
    func many() throws {
        #expect(try found("a*", in: "aab") == [[0, 2], [3, 3]])
        #expect(try found("a", in: "aaa", limit: 2) == [[0, 1], [1, 2]])
    }

    @Test("A search that must stop returns nothing, and asks again and again")
    func stops() throws {
        let expression = try RegularExpression("(a*)*b")
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
        var questions = 0
        let matches = expression.matches(in: text.span) {
            questions += 1
            return questions == 3
        }
        #expect(matches == nil && questions == 3)
    }

    @Test(
        "After quoted characters, a repetition repeats the last one of them",
        arguments: [
            (#"^\Qa.\E*$"#, "a..", true), (#"^\Qab\E*$"#, "abab", false), (#"^\Qab\E{2}$"#, "abb", true),
            (#"^x\Q\E*$"#, "xx", true), (#"^\Qa*"#, "a*", true), (#"^(\Qa|\E+)$"#, "a||", true),
            (#"^\Qab\E\Qcd\E?$"#, "abc", true),
        ])
    func quoted(pattern: String, text: String, isFound: Bool) throws {
        #expect((try found(pattern, in: text)?.isEmpty == false) == isFound)
    }

    @Test(
        "A repetition needs something to repeat, which is not a repetition",
        arguments: [#"\Q\E*"#, "*a", "a**", #"a*\Q\E*"#, #"a(?i)\Q\E*"#])
    func repeatsNothing(pattern: String) {
        #expect(throws: RegularExpression.SyntaxError.self) { try RegularExpression(pattern) }
        let long = "a" + String(repeating: pattern, count: 20_000)
        #expect(throws: RegularExpression.SyntaxError.self) { try RegularExpression(long) }
    }

    @Test("What is not supported is an error", arguments: [#"\pL"#, "(?=a)", "[b-a]", "("])
    func isRefused(pattern: String) {
        #expect(throws: RegularExpression.SyntaxError.self) { try RegularExpression(pattern) }
    }
}
