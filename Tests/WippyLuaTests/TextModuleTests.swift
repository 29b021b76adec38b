import LuaEngine
import Testing

@testable import WippyLua

struct TextModuleTests {
    /// The pattern, a text, and the whole match and its groups; nothing where there is none.
    @Test(
        arguments: [
            ("a+", "caaat", "aaa"), ("a+?", "caaat", "a"), ("(a|ab)(c|bcd)", "abcd", "abcd a bcd"), ("^b", "ab", nil),
            ("(?m)^b$", "a\\nb", "b"), ("(?i)STRASSE", "Strasse", "Strasse"), ("[^a-y]", "xyz", "z"),
            ("\\\\d{2,3}", "a1234", "123"),
            ("(x)?y", "y", "y "), ("\\\\bfoo\\\\b", "a foo.", "foo"), (".", "é", "é"), ("(?s).+", "a\\nb", "a\\nb"),
            ("[[:alpha:]_]+", "12ab_c", "ab_c"), ("\\\\x{e9}", "é", "é"),
            ("(?P<n>\\\\w)(?:-)(\\\\S)", "a-b", "a-b a b"),
            ("a{0}b", "ab", "b"), ("x*", "b", ""), ("\\\\Qa.b\\\\E", "aXb a.b", "a.b"), ("(?:a|b)*c", "ababc", "ababc"),
        ] as [(String, String, String?)])
    func aPatternMatches(pattern: String, text: String, groups: String?) async throws {
        let script = """
            local re = text.regexp.compile("\(pattern)")
            local groups = re:find_string_submatch("\(text)")
            return groups and table.concat(groups, " ")
            """
        let wanted = groups.map { $0.replacing("\\n", with: "\n") }
        #expect(try await result(of: script, .text) == (wanted.map { .string($0) } ?? .nil))
    }

    @Test(arguments: [
        "[", "(", ")", "*", "a**", "(?P<>a)", "[b-a]", "a{1001}", "\\\\8", "(?<n>a)(?<n>b)", "(?=a)", "\\\\",
    ])
    func whatIsNoPatternIsInvalid(pattern: String) async throws {
        #expect(
            try await result(
                of: "local re, err = text.regexp.compile(\"\(pattern)\") return re == nil and err:kind()", .text)
                == "Invalid")
    }

    @Test func textsAreReplacedAndSplit() async throws {
        let script = """
            local digits = text.regexp.compile("([0-9])(?P<unit>[a-z]?)")
            local comma = text.regexp.compile(",")
            local place = digits:find_string_index("ab1c")
            return digits:replace_all_string("1a2", "<$2$1>"), digits:replace_all_string("1a", "$$${unit}${1}$9"),
                table.concat(comma:split("a,b,c"), "|"), table.concat(comma:split("a,b,c", 2), "|"),
                table.concat(text.regexp.compile(""):split("abc"), "|"), #digits:find_all_string("x1y2"),
                place[1] * 10 + place[2], table.concat(digits:subexp_names(), "|"), digits:num_subexp(),
                digits:match_string("x"), digits:find_string("x")
            """
        #expect(
            try await results(of: script, .text)
                == ["<a1><2>", "$a1", "a|b|c", "a|b,c", "a|b|c", 2, 34, "||unit", 2, false, .nil])
    }

    /// A pattern over which a search that goes back would take longer than anybody lives.
    @Test func aSearchIsLinear() async throws {
        let script = "return text.regexp.compile('(a*)*b'):match_string(('a'):rep(100000))"
        #expect(try await result(of: script, .text) == false)
    }
}
