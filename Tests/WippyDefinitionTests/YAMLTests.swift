import Testing
import WippyTestTools
import WippyValues

@testable import WippyDefinition

@Suite("YAML to nodes")
struct YAMLTests {
    private func compose(_ text: String, limits: SourceLimits = .standard) -> ComposedText {
        YAMLComposer.compose(SourceFile(path: "f", text: text), limits: limits)
    }

    private func lines(_ text: String, limits: SourceLimits = .standard) -> [String] {
        compose(text, limits: limits).problems.map(\.description)
    }

    @Test("Locations are those of the first character, in Unicode scalars", arguments: ["\n", "\r\n", "\r"])
    func locations(end: String) throws {
        let text = ["# note", "'né': {e\u{301}: x, b: [1,  2]}", "", "c: |", "  text"].joined(separator: end)
        let root = try #require(compose(text).root)
        #expect(root.location == Location(file: "f", line: 2, column: 1))
        #expect(root["né"]?.location == Location(file: "f", line: 2, column: 7))
        #expect(root["né"]?.pair("b")?.keyLocation == Location(file: "f", line: 2, column: 15))
        guard case .sequence(let elements)? = root["né"]?["b"]?.content else { throw UnexpectedShape() }
        #expect(elements.map(\.location.column) == [19, 23])
        #expect(root["c"]?.location == Location(file: "f", line: 4, column: 4))
        #expect(root["c"]?.scalar?.text == "text")
    }

    /// The text at each key and value, in the order of the file.
    private func pieces(of node: Node, in text: String) -> [String] {
        let lines = SourceFile(path: "f", text: text).lines.map { Array($0.unicodeScalars) }
        func piece(_ place: Location) -> String {
            guard let endLine = place.endLine, let endColumn = place.endColumn else { return "no end" }
            let parts = (place.line...endLine).map { number -> String in
                let line = number <= lines.count ? lines[number - 1] : []
                let end = number == endLine ? endColumn - 1 : line.count
                return String(String.UnicodeScalarView(line[(number == place.line ? place.column - 1 : 0)..<end]))
            }
            return parts.joined(separator: "/")
        }
        switch node.content {
        case .scalar: return [piece(node.location)]
        case .sequence(let elements): return [piece(node.location)] + elements.flatMap { pieces(of: $0, in: text) }
        case .mapping(let pairs):
            return [piece(node.location)]
                + pairs.flatMap { [piece($0.keyLocation)] + pieces(of: $0.value, in: text) }
        }
    }

    @Test(
        "Places end behind the last character of a word or a bracket",
        arguments: [
            ("a: b # note\nc:\n", ["a: b # note/c:", "a", "b", "c", ""]),
            (
                "'né': {e\u{301}: x, \"b\": [1,  2]}  ",
                [
                    "'né': {e\u{301}: x, \"b\": [1,  2]}", "'né'", "{e\u{301}: x, \"b\": [1,  2]}", "e\u{301}", "x",
                    "\"b\"", "[1,  2]", "1", "2",
                ]
            ),
            (
                "a:\n  - b: 1\n    c: 2 \n  - []\n# end\n",
                [
                    "a:/  - b: 1/    c: 2 /  - []", "a", "- b: 1/    c: 2 /  - []", "b: 1/    c: 2", "b", "1", "c", "2",
                    "[]",
                ]
            ),
            (
                "a: one\n  two\nb: |\n  text\nc: x",
                [
                    "a: one/  two/b: |/  text/c: x", "a", "one/  two", "b", "|/  text/", "c", "x",
                ]
            ),
            ("a: &x [1]\nb: *x\n", ["a: &x [1]/b: *x", "a", "&x [1]", "1", "b", "&x [1]", "1"]),
        ] as [(String, [String])])
    func ends(text: String, expected: [String]) throws {
        #expect(pieces(of: try #require(compose(text).root), in: text) == expected)
    }

    @Test("Places in a JSON file end behind the last character of a word or a bracket")
    func endsInJSON() throws {
        let text = "{\"né\": [1, -2.5e3 ,\"a\\\"\\\\\"],\n \"e\": [ ], \"m\":{\n}, \"n\": null, \"t\": true }"
        let composed = JSONComposer.compose(SourceFile(path: "f.json", text: text))
        let all = text.replacing("\n", with: "/")
        #expect(
            pieces(of: try #require(composed.root), in: text) == [
                all, "\"né\"", "[1, -2.5e3 ,\"a\\\"\\\\\"]", "1", "-2.5e3", "\"a\\\"\\\\\"", "\"e\"", "[ ]", "\"m\"",
                "{/}",
                "\"n\"", "null", "\"t\"", "true",
            ])
    }

    @Test("A byte order mark takes no column")
    func byteOrderMark() throws {
        let root = try #require(compose("\u{feff}a: b").root)
        #expect(root.pair("a")?.keyLocation == Location(file: "f", line: 1, column: 1))
        #expect(lines("\u{feff}a: \u{1}") == ["f:1:4: error: control characters are not allowed"])
    }

    @Test("The place of a control character is in the line that an editor shows")
    func controlCharacterAfterOddLineEnds() {
        #expect(lines("a: b\rc: \u{1}") == ["f:2:4: error: control characters are not allowed"])
        #expect(lines("a: b\r\nc: \u{1}") == ["f:2:4: error: control characters are not allowed"])
        #expect(lines("# \u{85}\u{2028}\u{1}") == ["f:3:1: error: control characters are not allowed"])
    }

    @Test("What is missing where the text ends is missing at its last character, whether that ends the line or not")
    func missingAtTheEnd() {
        let sentence = "error: a value was expected here"
        #expect(lines("a: [{b: ") == ["f:1:9: \(sentence)"])
        #expect(lines("a: [{b: \n") == ["f:2:1: \(sentence)"])
    }

    @Test("An empty text has no root and nothing wrong", arguments: ["", "# only this\n", "\u{feff}", "---\n...\n"])
    func empty(text: String) {
        let result = compose(text)
        #expect(result.root == nil || result.root?.isNull == true)
        #expect(result.problems.isEmpty && !result.wasAbandoned)
    }

    @Test("A bomb of aliases is refused at the alias that goes past the limit")
    func bomb() {
        var text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (name, before) in zip("bcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz") {
            let list = Array(repeating: "*\(before)", count: 10).joined(separator: ", ")
            text += "\(name): &\(name) [\(list)]\n"
        }
        let time = processorTime {
            #expect(
                lines(text) == [
                    "f:6:20: error: the file holds more than 500000 values, counting those that aliases repeat"
                ])
        }
        #expect(time < .seconds(1))
    }

    @Test("The number of values is refused one past its limit, keys and aliases counted")
    func nodeLimit() {
        var limits = SourceLimits()
        limits.nodes = 8
        #expect(lines("a: &a [1, 2]\nb: *a", limits: limits).isEmpty == false)
        limits.nodes = 9
        #expect(lines("a: &a [1, 2]\nb: *a", limits: limits).isEmpty)
    }

    @Test("Nesting is refused one level past its limit")
    func nesting() {
        let deep = { (count: Int) in String(repeating: "[", count: count) + String(repeating: "]", count: count) }
        #expect(lines(deep(64)).isEmpty)
        #expect(lines(deep(65)) == ["f:1:65: error: lists and maps nest deeper than 64 levels"])
        #expect(lines(String(repeating: "[", count: 1_000_000)).count == 1)
        #expect(lines(String(repeating: "- ", count: 100_000)).count == 1)
        #expect(lines(String(repeating: "{a: ", count: 100_000)).count == 1)
    }

    @Test("Aliases cannot be used to nest past the limit")
    func nestingByAliases() {
        let half = String(repeating: "[", count: 40)
        let close = String(repeating: "]", count: 40)
        let text = "- &a \(half)\(close)\n- \(half)*a\(close)\n"
        #expect(lines(text) == ["f:2:43: error: lists and maps nest deeper than 64 levels"])
    }

    @Test("An anchor may be used again; the nearest one before counts")
    func anchorsAgain() {
        #expect(compose("[&a 1, *a, &a 2, *a]").root?.shown == "[1, 1, 2, 2]")
    }

    @Test("Text that is never closed is reported where it begins", arguments: ["'", "\""])
    func unterminated(quote: String) {
        #expect(
            lines("a: 1\nb: \(quote)x\n\nc: 2\n") == ["f:2:4: error: the quoted text that begins here is never closed"])
    }

    @Test("A merge key adds what the map does not say, whatever the order")
    func merge() {
        #expect(compose("{a: &a {x: 1, y: 2}, b: {<<: *a, x: 3}}").root?.shown == "{a: {x: 1, y: 2}, b: {x: 3, y: 2}}")
        #expect(compose("{'<<': 1}").root?.shown == "{<<: 1}")
        #expect(compose("{!!merge <<: {a: 1}}").root?.shown == "{a: 1}")
        #expect(lines("<<: {a: 1}\n<<: {b: 1}\n") == ["f:2:1: error: '<<' is written twice, first at f:1:1"])
    }

    @Test("JSON is read as it is meant")
    func json() {
        let text = #"{"a":[1,-2.5e3,true,null,"\u00e9\"\\\/\t"],"b":{},"c":[],"d":"yes"}"#
        #expect(compose(text).root?.shown == "{a: [1, -2500.0, true, null, 'é\"\\/\t'], b: {}, c: [], d: 'yes'}")
    }

    @Test("Damaged files end in nodes or in diagnostics, never in a trap")
    func damaged() {
        let seed = """
            namespace: app
            meta: &m {team: "core", tags: [a, 'b', *x]}
            entries:
              - <<: *m
                name: gateway # é
                kind: !!str http.service
                text: |
                  line
                  ? other
                data: {"addr": ":8080", n: 0x1F, f: .5e3}
            ---
            """
        var random = SeededGenerator(seed: 42)
        let alphabet = Array("\0\t\n\r -:?,[]{}#&*!|>'\"%@`a1\u{85}\u{2028}\u{feff}é😀<".unicodeScalars)
        for _ in 0..<3_000 {
            var scalars = Array(seed.unicodeScalars)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<scalars.count, using: &random)
                let scalar = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0: scalars.remove(at: place)
                case 1: scalars[place] = scalar
                case 2: scalars.insert(scalar, at: place)
                default: scalars.removeSubrange(place..<min(place + 9, scalars.count))
                }
                if scalars.isEmpty { scalars = ["a"] }
            }
            let text = String(String.UnicodeScalarView(scalars))
            let result = compose(text)
            #expect(!result.wasAbandoned || !result.problems.isEmpty, "\(text.debugDescription)")
            for problem in result.problems {
                #expect(problem.location.line >= 1 && problem.location.column >= 1)
                #expect(problem.location.line <= text.unicodeScalars.count + 1)
            }
        }
    }
}

private struct UnexpectedShape: Error {}
