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

struct TextDiffTests {
    @Test(
        arguments: [
            ("same", "same", "=same"), ("", "", ""), ("", "a", "+a"), ("a", "", "-a"),
            ("hello world", "hello there", "=hello |-wo|+the|=r|-ld|+e"), ("abc", "xyz", "-abc|+xyz"),
            ("kitten", "sitting", "-k|+s|=itt|-e|+i|=n|+g"), ("äöü", "äü", "=ä|-ö|=ü"),
        ])
    func textsAreCompared(old: String, new: String, runs: String) async throws {
        let script = """
            local sign = {equal = "=", delete = "-", insert = "+"}
            local runs, err = {}, nil
            for i, run in ipairs((text.diff.new():compare("\(old)", "\(new)"))) do
                runs[i] = sign[run.operation] .. run.text
            end
            return table.concat(runs, "|")
            """
        #expect(try await result(of: script, .text) == .string(runs))
    }

    @Test("Of any two texts the runs give both, and patches make one of the other")
    func bothTextsComeOut() async throws {
        let script = """
            local state = 7
            local function letter()
                state = (state * 1103515245 + 12345) & 0x7fffffff
                return ("abc%\\n"):sub(state >> 8 & 3, state >> 8 & 3)
            end
            local function word(n) local w = {} for i = 1, n do w[i] = letter() end return table.concat(w) end
            local differ = text.diff.new()
            for round = 1, 60 do
                local old, new = word(round), word(60 - round // 2)
                local a, b = {}, {}
                for _, run in ipairs((differ:compare(old, new))) do
                    if run.operation ~= "insert" then a[#a + 1] = run.text end
                    if run.operation ~= "delete" then b[#b + 1] = run.text end
                end
                local made, all = differ:patch_apply(differ:patch_make(old, new), old)
                if table.concat(a) ~= old or table.concat(b) ~= new or made ~= new or not all then
                    return round .. ": " .. old .. " / " .. new .. " / " .. made
                end
            end
            """
        #expect(try await result(of: script, .text) == .nil)
    }

    @Test("A patch finds its place in a text that has moved, and says when it does not")
    func patchesFindTheirPlace() async throws {
        let script = """
            local differ = text.diff.new()
            local patches = differ:patch_make("The quick brown fox jumps over the lazy dog", "The quick red fox jumps over the lazy cat")
            local moved, all = differ:patch_apply(patches, "Look! The quick brown fox jumps over the lazy dog")
            local other, none = differ:patch_apply(patches, "something else")
            return moved .. "|" .. tostring(all) .. "|" .. other .. "|" .. tostring(none) .. "|" .. patches[1].text
            """
        let patch = "@@ -7,13 +7,11 @@\n ick \n-b\n r\n-own\n+ed\n  fox\n"
        let wanted = "Look! The quick red fox jumps over the lazy cat|true|something else|false|\(patch)"
        #expect(try await result(of: script, .text) == .string(wanted))
    }

    @Test(
        "An option that is misspelt or has a wrong value is an error that says so",
        arguments: [
            ("{patch_margin = -1}", "'patch_margin' must be 0 through 10000, got -1"),
            ("{patch_margin = true}", "'patch_margin' must be a whole number, got true"),
            ("{match_distance = -0x1p70}", "'match_distance' must be a whole number, got -1.1805916207174113e+21"),
            ("{match_distence = 5}", "unknown field 'match_distence'; did you mean 'match_distance'?"),
            ("7", "options must be a table, got number"),
        ])
    func optionsAreChecked(options: String, problem: String) async throws {
        #expect(try await error(of: "text.diff.new(\(options))", .text) == .string("Invalid: \(problem)"))
    }

    @Test("A misspelt name in a part of a difference is an error")
    func namesOfADifferenceAreChecked() async throws {
        let script = """
            local _, err = pcall(function() text.diff.new():summarize({{operation = "insert", txt = "a"}}) end)
            return err:kind() .. ": " .. err:message()
            """
        #expect(
            try await result(of: script, .text) == .string("Invalid: unknown field 'txt'; did you mean 'text'?"))
    }

    @Test func aDifferenceIsCountedAndShown() async throws {
        let script = """
            local differ = text.diff.new()
            local runs = differ:compare("a<b", "a<c")
            local counts = differ:summarize(runs)
            return counts.equals .. counts.deletions .. counts.insertions .. differ:pretty_html(runs)
                .. #differ:pretty_text(runs)
            """
        let html = """
            <span>a&lt;</span><del style="background:#ffe6e6;">b</del><ins style="background:#e6ffe6;">c</ins>
            """
        #expect(try await result(of: script, .text) == .string("211\(html)22"))
    }
}

struct TextSplitterTests {
    @Test(
        arguments: [
            ("{chunk_size = 10, chunk_overlap = 0}", "one two three four five", "one two|three four|five"),
            (
                "{chunk_size = 12, chunk_overlap = 5}", "one two three four five",
                "one two|two three|three four|four five"
            ),
            ("{chunk_size = 5, chunk_overlap = 0}", "abcdefghijklm", "abcde|fghij|klm"),
            ("{chunk_size = 20, chunk_overlap = 0}", "one two\\n\\nthree four five six", "one two|three four five six"),
            ("{chunk_size = 4, chunk_overlap = 0, separators = {';'}}", "ab;cdefgh;i", "ab|cdefgh|i"),
            ("{chunk_size = 4, chunk_overlap = 0, separators = {';'}, keep_separator = true}", "ab;cd;e", "ab|;cd|;e"),
            ("nil", "", ""),
            ("{chunk_size = 10.9, chunk_overlap = 10 * 0.05}", "one two three four five", "one two|three four|five"),
            ("{chunk_size = 5, chunk_overlap = 0.0, separators = {}}", "abcdefghijklm", "abcde|fghij|klm"),
            ("{chunk_size = 5, chunk_overlap = 0, code_blocks = 1, color = 'red', 7}", "abcdefg", "abcde|fg"),
        ])
    func textsAreDivided(options: String, text: String, chunks: String) async throws {
        let script = """
            return table.concat((text.splitter.recursive(\(options)):split_text("\(text)")), "|")
            """
        #expect(try await result(of: script, .text) == .string(chunks))
    }

    @Test(
        "A page that lacks its content, or whose names are misspelt, is an error",
        arguments: [
            ("{content = 'a', metadta = {}}", "unknown field 'metadta'; did you mean 'metadata'?"),
            ("{page = 'a'}", "each page must be a table with the string 'content'"),
            ("'a'", "each page must be a table with the string 'content'"),
        ])
    func pagesAreChecked(page: String, problem: String) async throws {
        let error = try await error(of: "text.splitter.recursive():split_batch({\(page)})", .text)
        #expect(error == .string("Invalid: \(problem)"))
    }

    @Test("Markdown is divided at its headings, and code stays whole")
    func markdown() async throws {
        let script = """
            local options = {chunk_size = 20, chunk_overlap = 0, code_blocks = true, heading_hierarchy = true}
            local splitter = text.splitter.markdown(options)
            local chunks = splitter:split_text("# A\\nsome words here\\n## B\\n```\\n# not a heading\\nlong line of code\\n```\\nend")
            return table.concat(chunks, "|")
            """
        let wanted = "# A\nsome words here|# A\n## B\n```\n# not a heading\nlong line of code\n```|# A\n## B\nend"
        #expect(try await result(of: script, .text) == .string(wanted))
    }

    @Test func pagesKeepTheirMetadata() async throws {
        let script = """
            local splitter = text.splitter.recursive({chunk_size = 5, chunk_overlap = 0})
            local chunks = splitter:split_batch({{content = "abc def", metadata = {page = 7}}})
            return #chunks .. chunks[2].content .. chunks[2].metadata.page
            """
        #expect(try await result(of: script, .text) == .string("2def7"))
    }

    @Test(
        "An option that is misspelt or has a wrong value is an error that says so",
        arguments: [
            ("recursive({chunk_size = 0})", "'chunk_size' must be at least 1, got 0"),
            ("recursive({chunk_size = '10'})", "'chunk_size' must be a whole number, got the string '10'"),
            ("recursive({chunk_size = {}})", "'chunk_size' must be a whole number, got a map"),
            (
                "recursive({chunk_size = 5, chunk_overlap = 5})",
                "'chunk_overlap' must be less than 'chunk_size', which is 5, got 5"
            ),
            ("recursive({chunk_overlap = -1})", "'chunk_overlap' must be at least 0, got -1"),
            ("recursive({chunk_sise = 5})", "unknown field 'chunk_sise'; did you mean 'chunk_size'?"),
            ("recursive({separators = ';'})", "'separators' must be a list, got ';'"),
            ("recursive({separators = {'a', 1}})", "'separators[1]' must be a string, got 1"),
            ("markdown({code_blocks = 1})", "'code_blocks' must be true or false, got 1"),
            ("markdown({code_block = true})", "unknown field 'code_block'; did you mean 'code_blocks'?"),
            ("markdown('short')", "options must be a table, got string"),
        ])
    func optionsAreChecked(call: String, problem: String) async throws {
        #expect(try await error(of: "text.splitter.\(call)", .text) == .string("Invalid: \(problem)"))
    }

    @Test("Options of wippy that have no effect here are no errors")
    func optionsOfWippyAreTaken() async throws {
        let script = """
            local _, markdown = text.splitter.markdown({reference_links = true, join_table_rows = true})
            local _, differ = text.diff.new({diff_timeout = 1.5, diff_edit_cost = 4, match_threshold = 0.5,
                match_distance = 100.5, patch_delete_threshold = 0.5, patch_margin = 4.0})
            return markdown, differ
            """
        #expect(try await results(of: script, .text) == [.nil, .nil])
    }
}

struct BasicTypeTests {
    @Test(
        arguments: [
            ("integer(5.0)", "5"), ("number(2.5)", "2.5"), ("boolean(false)", "false"), ("any('x')", "x"),
            ("integer(2.5)", "expected integer, got number"), ("number('1')", "expected number, got string"),
            ("never(1)", "expected never, got number"), ("integer()", "type integer expects at least 1 argument"),
            ("integer:is(3)", "3"), ("integer:is('x')", "nil"), ("select(2, integer:is('x')):kind()", "Invalid"),
            ("tostring(integer)", "integer"),
        ])
    func aTypeIsAValue(expression: String, wanted: String) async throws {
        let modules = LuaModule.basicTypes
        let script = """
            local _, value = pcall(function() return \(expression) end)
            value = tostring(value)
            return value:match("^[^ ]+:%d+: (.*)$") or value
            """
        #expect(try await results(of: script, modules) == [.string(wanted)])
    }
}
