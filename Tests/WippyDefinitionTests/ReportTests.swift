import Testing
import WippyTestTools

@testable import WippyDefinition

@Suite("Reports")
struct ReportTests {
    @Test("A report is sorted by place, holds each diagnostic once, and ends with the numbers")
    func order() throws {
        var report = Report()
        let place = { (file: String, line: Int) in Location(file: file, line: line, column: 1) }
        report.add(.error(at: place("b", 1), "x"))
        report.add([.warning(at: place("a", 10), "x"), .error(at: place("a", 9), "z"), .error(at: place("a", 9), "y")])
        report.add(.error(at: place("b", 1), "x"))
        let expected = [
            "a:9:1: error: y", "a:9:1: error: z", "a:10:1: warning: x", "b:1:1: error: x", "3 errors, 1 warning",
        ]
        let lines = expected.dropLast() + ["1 entry, 3 errors, 1 warning"]
        #expect(DiagnosticPrinter().text(of: report, on: 1) == lines.joined(separator: "\n"))
        #expect(throws: InvalidProject.self) { try report.throwIfInvalid() }
        #expect(InvalidProject(report: report).description == expected.joined(separator: "\n"))
    }

    @Test("A report with warnings alone is valid, an empty one says that there are no problems")
    func valid() throws {
        var report = Report()
        #expect(DiagnosticPrinter().text(of: report, on: 42) == "42 entries, no problems")
        report.add(.warning(at: Location(source: "x"), "y"))
        try report.throwIfInvalid()
        #expect(report.summary == "1 warning")
    }

    @Test("Only severities are colored")
    func colors() {
        let printer = DiagnosticPrinter(isColored: true)
        let line = printer.text(of: .error(at: Location(source: "a\u{1b}[2J"), "b\nc\u{202e}"))
        #expect(line == "a\\u{1b}[2J: \u{1b}[1;31merror:\u{1b}[0m b\\nc\\u{202e}")
    }

    @Test("A diagnostic alone shows nothing of a file, because only a report knows where secrets are")
    func noExcerpt() throws {
        let folder = try TemporaryFolder()
        try folder.write("namespace: app\nname: x\nkind: k\npassword: hunter2\n", to: "src/_index.yaml")
        var report = Report()
        let sources = SourceSet(Project(at: folder.path, report: &report), report: &report)
        let place = Location(file: "src/_index.yaml", line: 4, column: 11)
        report.add(.error(at: place, "x"))
        let printer = DiagnosticPrinter(sources: sources)
        let diagnostic = try #require(report.diagnostics.first)
        #expect(printer.text(of: report, on: nil).contains("hunter2"))
        #expect(printer.text(of: diagnostic) == "src/_index.yaml:4:11: error: x")
    }

    @Test("A file's lines are those that libyaml counts")
    func lines() {
        let file = SourceFile(path: "f", text: "a\r\nb\rc\u{85}d\n\u{2028}f")
        #expect((1...7).map(file.line) == ["a", "b", "c", "d", "", "f", nil])
    }

    @Test(
        "Patterns",
        arguments: [
            ("*", "", true), ("a*c", "abbc", true), ("a*c", "abcd", false), ("?", "é", true), ("??", "a", false),
            ("a.b", "axb", false),
            ("*a*b*", "xxaxxbxx", true), ("", "", true), ("", "a", false), ("**", "a", true),
        ])
    func patterns(pattern: String, text: String, matches: Bool) {
        #expect(Glob.matches(pattern, text) == matches)
    }

    @Test("A pattern of many stars takes no exponential time")
    func manyStars() {
        #expect(!Glob.matches(String(repeating: "*a", count: 200) + "b", String(repeating: "a", count: 2_000)))
    }

    @Test(
        "Paths",
        arguments: [
            ("a", "b", "a/b"), (".", "./b//c/", "b/c"), ("a", "../b", "b"), ("a", "../../b", "../b"),
            ("a", "/b/../c", "/c"),
            ("/", "../..", "/"), ("/x", ".", "/x"), ("", "b", "b"),
        ])
    func paths(folder: String, path: String, joined: String) {
        #expect(Path.join(folder, path) == joined)
    }
}
