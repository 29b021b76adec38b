import Foundation
import Testing

/// What the sources say to people, in one list, so that it can be read from top to bottom.
@Suite("The sentences of errors")
struct SentencesTests {
    private static let page = "Tests/RepositoryTests/Golden/sentences.txt"

    /// Files whose texts are pages, scripts or programs.
    private static let others = ["/Templates/", "/Completions/", "/Conformance/", "/Suites/", "/Graph"]

    /// What leads to a text that is listed elsewhere or that nobody reads: help is in the manual, statements are code,
    /// and a text that code compares with another comes from elsewhere.
    private static let otherLeads =
        #"^case$|[!=]=$|help:|summary|whenChanged|whenBuiltAnew|forKey|options\.(flag|text|operand)|(words|statement|sql|header): |\.fixed\("#

    private static let otherTexts =
        #"^(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|BEGIN|WITH|FROM|WHERE|SET) "#

    @Test("Every sentence is in the list; RECORD=1 writes it")
    func areListed() throws {
        let files = Repository.files(in: "Sources", ending: ".swift")
            .filter { path in !Self.others.contains { path.contains($0) } }
        var list = ""
        for (target, paths) in Dictionary(grouping: files, by: { $0.split(separator: "/")[1] })
            .sorted(by: { $0.key < $1.key })
        {
            let sentences = try Set(paths.flatMap(Self.sentences)).sorted()
            if !sentences.isEmpty { list += "\(target)\n\n\(sentences.joined())\n" }
        }
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(list.utf8).write(to: Repository.root.appending(path: Self.page))
            Issue.record("the list was written")
            return
        }
        let lines = Set(try Repository.text(of: Self.page).components(separatedBy: "\n"))
        let found = Set(list.components(separatedBy: "\n"))
        let advice = "read it as a user would, then RECORD=1 swift test --filter SentencesTests"
        for line in found.subtracting(lines).sorted() { Issue.record("new: \(line)\n\(advice)") }
        for line in lines.subtracting(found).sorted() { Issue.record("gone: \(line)\n\(advice)") }
    }

    private static func sentences(in path: String) throws -> [String] {
        try SourceLiterals(of: Repository.text(of: path)).literals.compactMap { literal in
            let text = literal.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let words = text.replacing(#/‹[^›]*›/#, with: "x").split(separator: " ")
            guard words.count > 1, words.contains(where: { $0.count > 2 && $0.allSatisfy(\.isLetter) }),
                literal.lead.range(of: otherLeads, options: .regularExpression) == nil,
                text.range(of: otherTexts, options: .regularExpression) == nil
            else { return nil }
            return "    \(text)\n"
        }
    }

    @Test("A literal is found whole, with what leads to it")
    func literals() {
        let code = #"""
            // "no text"
            throw Problem("one " + "two \(a(b: ")"), c)" , why: #"is "raw" \n"#)
            """#
        let found = SourceLiterals(of: code).literals
        #expect(found.map(\.text) == ["one two ‹a(b: …), c›", #"is "raw" \n"#])
        #expect(found.map(\.lead) == [#"throw Problem("#, "why:"])
    }
}
