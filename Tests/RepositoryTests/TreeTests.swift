import Foundation
import Testing

/// The repository's files.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The files below a folder with an ending, as paths relative to the root, in order.
    static func files(in folder: String, ending: String) -> [String] {
        let base = root.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(ending) && !$0.contains(".build/") }.map { "\(folder)/\($0)" }.sorted()
    }

    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}

/// The tree checks itself: conventions that a machine can see.
@Suite("The tree")
struct TreeTests {
    private static let banned = [
        ("TODO", "put open matters into the tracker"), ("FIXME", "mend it"), ("// MARK", "split the file"),
        ("fatalError(", "throw, or state the invariant with preconditionFailure"), ("try!", "handle the error"),
        ("import Foundation\n", "the runtime does without it"), (" as! ", "bind with if let"),
    ]

    @Test("Sources hold no banned construct", arguments: Repository.files(in: "Sources", ending: ".swift"))
    func constructs(_ path: String) throws {
        let text = try Repository.text(of: path)
        for (construct, advice) in Self.banned where text.contains(construct) {
            Issue.record("\(path) has '\(construct.trimmingCharacters(in: .whitespacesAndNewlines))': \(advice)")
        }
        // A template holds files that are themselves checked, and indents them.
        guard !path.hasSuffix("Template+Sources.swift") else { return }
        for line in text.split(separator: "\n") where line.unicodeScalars.count > 120 {
            Issue.record("\(path) has a line of over 120 columns: \(line.prefix(60))…")
        }
    }

    /// What compares strings by Unicode equivalence, or cuts them between characters, with what to write instead.
    ///
    /// A key or an identity is compared by its bytes and cut between scalars.
    private static let inexact = [
        (#"\[String ?:|Dictionary<(String|Substring)|Set<(String|Substring)>"#, "a key is an ExactText"),
        (#"\.has(Prefix|Suffix)\("#, "hasExactPrefix and hasExactSuffix go by bytes"),
        (#"\.(lower|upper)cased\(\)"#, "lowercasedASCII and uppercasedASCII leave other letters alone"),
        (
            #"^(?!.*(unicodeScalars|utf8)).*\.(split\(separator|(first|last)Index\(of): ""#,
            "cut the unicodeScalars of a text"
        ),
    ]

    /// Where a text names nothing.
    private static let exceptions = [
        "Sources/TaskQueue/ProcessTask.swift": "the work of a task is to make its text upper case",
        "Sources/WippyCommand/Templates/TaskQueueTemplate+Sources.swift": "holds the file above",
        "Sources/WippyRuntime/Planning/TextSpellings.swift": "it looks for texts that are equal but for their bytes",
        "Sources/WippyText/String+Exact.swift": "says what the exact forms stand for",
    ]

    @Test("What names something is compared by its bytes", arguments: Repository.files(in: "Sources", ending: ".swift"))
    func exactTexts(_ path: String) throws {
        guard Self.exceptions[path] == nil else { return }
        for (construct, advice) in Self.inexact {
            let pattern = try Regex(construct)
            for line in try Repository.text(of: path).split(separator: "\n") where !line.contains("///") {
                if line.contains(pattern) { Issue.record("\(path): \(line): \(advice)") }
            }
        }
    }

    @Test("A file's name says what it holds", arguments: Repository.files(in: "Sources", ending: ".swift"))
    func names(_ path: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        for word in ["Manager", "Helper", "Util", "Common", "Base.", "Impl", "New.", "2."] {
            #expect(!name.contains(word), "\(path): name the responsibility")
        }
    }

    @Test("Every link of the manual leads somewhere", arguments: documents)
    func links(_ path: String) throws {
        let folder = Repository.root.appending(path: path).deletingLastPathComponent()
        for match in try Repository.text(of: path).matches(of: /\]\(([^)\s]+)\)/) {
            let target = String(match.1)
            guard !target.hasPrefix("http") else { continue }
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let file = parts[0].isEmpty ? Repository.root.appending(path: path) : folder.appending(path: parts[0])
            #expect(FileManager.default.fileExists(atPath: file.path), "\(path): \(target)")
            guard parts.count == 2 else { continue }
            let anchors = Self.anchors(in: try String(contentsOf: file, encoding: .utf8))
            #expect(anchors.contains(parts[1]), "\(path): \(target) is no heading")
        }
    }

    @Test("The anchor of a heading is its words in small letters, and a repeated one has a number")
    func anchorsOfHeadings() {
        let text = """
            # A `queue.driver.sql`, or not
            ## Fields
            ```sh
            # a comment
            ```
            ## Fields
            """
        #expect(Self.anchors(in: text) == ["a-queuedriversql-or-not", "fields", "fields-1"])
    }

    /// The anchors to which links can lead, as the sites that show Markdown make them.
    private static func anchors(in text: String) -> Set<String> {
        var (anchors, isCode) = (Set<String>(), false)
        for line in text.split(separator: "\n") {
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode, let heading = line.firstMatch(of: /^#+ +(.*)$/)?.1 else { continue }
            let anchor = heading.lowercased().filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
                .replacing(" ", with: "-")
            var number = 0
            while !anchors.insert(number == 0 ? anchor : "\(anchor)-\(number)").inserted { number += 1 }
        }
        return anchors
    }

    private static let documents =
        Repository.files(in: "docs", ending: ".md") + Repository.files(in: "examples", ending: ".md") + [
            "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
        ]
}
