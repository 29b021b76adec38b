import Testing
import WippyDefinition
import WippyText

@testable import WippyEnvironment

@Suite("A file of variables")
struct VariableFileTests {
    private static let lines: KeyValuePairs = [
        "A=text": "text", "  export A = text  ": "text", "A=": "", "A=a=b": "a=b", "A=a #b": "a", "A=a#b": "a#b",
        "A='a\\n #b' # c": "a\\n #b", #"A="a\n\t\r\"\\\$ \x""#: "a\n\t\r\"\\$ \\x", "A=first\nA=last": "last",
    ]

    @Test("Each line gives a text", arguments: lines)
    func text(_ line: String, _ text: String) {
        let file = VariableFile(SourceFile(path: ".env", text: line))
        #expect(file.problems.isEmpty)
        #expect(file.texts["A"]?.text == text)
    }

    @Test("A line that cannot be read is an error at its place, without its text")
    func problems() {
        let file = VariableFile(
            SourceFile(path: ".env", text: "# words\n\nsecret\nA-B=secret\nA='secret\nB='secret' x\n"))
        let malformed = "the line must be NAME=value, with a name of letters, digits and '_'"
        let quotes = ["A", "B"].map { "the value of '\($0)' must end with the quote that it begins with" }
        #expect(
            file.problems.map(\.description) == [
                ".env:3:1: error: \(malformed)", ".env:4:1: error: \(malformed)", ".env:5:1: error: \(quotes[0])",
                ".env:6:1: error: \(quotes[1])",
            ])
        #expect(file.texts.isEmpty)
    }
}
