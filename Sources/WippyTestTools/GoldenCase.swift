import FoundationEssentials
public import WippyText

/// A test in one text file: a sentence, the files of a project, options, and the expected output.
///
///     An unknown field is named together with the nearest known one.
///
///     -- src/_index.yaml --
///     namespace: app
///     -- options --
///     -o app:gateway:addr=:9090
///     -- expected --
///     src/_index.yaml:5:5: error: …
///
/// Each option is one line: its name, and after the first space its value.
public struct GoldenCase: Sendable {
    /// An option: one of the command line, or `env`.
    public struct Option: Sendable, Hashable {
        /// The option's name, such as `-o`.
        public let name: String
        /// The option's value, which is the text after the first space; empty for an option without a value.
        public let value: String
    }

    /// The name of the case's file.
    public let name: String

    /// The sentence at the top of the file.
    public let title: String

    /// The project's files, with their paths in the project.
    public let files: [(path: String, text: String)]

    /// The options, in order.
    public let options: [Option]

    /// The expected lines without empty lines, separated by line breaks.
    public let expected: String

    private let path: String
    private let input: String

    /// Reads a case from its file.
    ///
    /// - Throws: an error if the file cannot be read.
    public init(contentsOf path: String) throws {
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        var sections: [(name: String, lines: [Substring])] = [("", [])]
        for line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map({ Substring($0) })
        {
            if line.hasExactPrefix("-- "), line.hasExactSuffix(" --"), line.utf8.count > 6 {
                sections.append((String(line.dropFirst(3).dropLast(3)), []))
            } else {
                sections[sections.count - 1].lines.append(line)
            }
        }
        func lines(of name: String) -> [Substring] {
            sections.first { $0.name == name }?.lines.filter { !$0.isEmpty } ?? []
        }
        self.path = path
        name = path.unicodeScalars.split(separator: "/").last.map(String.init) ?? path
        title = lines(of: "").joined(separator: " ")
        expected = lines(of: "expected").joined(separator: "\n")
        options = lines(of: "options").map { line in
            let parts = line.unicodeScalars.split(separator: " ", maxSplits: 1)
            return Option(name: String(parts[0]), value: parts.count == 2 ? String(parts[1]) : "")
        }
        let isFile = { (name: String) in !["", "options", "expected"].contains(name) }
        files = sections.filter { isFile($0.name) }.map { ($0.name, $0.lines.map { $0 + "\n" }.joined()) }
        input = text.firstRange(of: "-- expected --").map { String(text[..<$0.lowerBound]) } ?? text
    }

    /// Reads every case in a folder: all `.txt` files, sorted by name.
    ///
    /// - Throws: an error when the folder or one of the files cannot be read.
    public static func all(in folder: String) throws -> [GoldenCase] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasExactSuffix(".txt") }
        return try names.sorted { ExactText.precedes($0, $1) }.map { try GoldenCase(contentsOf: "\(folder)/\($0)") }
    }

    /// Returns the values of all options with this name, in order.
    public func values(of option: String) -> [String] { options.filter { $0.name == option }.map(\.value) }

    /// The environment variables that the case sets by its options `env NAME=text`.
    public var variables: [ExactText: String] {
        let pairs = values(of: "env").compactMap { option -> (ExactText, String)? in
            let parts = option.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (ExactText(String(parts[0])), String(parts[1])) : nil
        }
        return Dictionary(pairs) { _, last in last }
    }

    /// Writes the project into a new folder, calls `run`, and compares the returned lines with the expected lines.
    ///
    /// Empty lines do not count.
    ///
    /// With `RECORD=1` in the process's environment, the returned lines are written into the case's file. That also
    /// counts as a difference, so a recording never passes as a test.
    ///
    /// - Returns: the difference, as text for a reader; nil if there is no difference.
    /// - Throws: the errors of `run`; an error when a file cannot be written.
    public func difference(_ run: (_ folder: String) throws -> [String]) throws -> String? {
        let folder = try TemporaryFolder()
        for file in files { try folder.write(file.text, to: file.path) }
        let actual = Self.lines(of: try run(folder.path).joined(separator: "\n")).map(\.string).joined(separator: "\n")
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            let text = "\(input)-- expected --\n\(actual)\(actual.isEmpty ? "" : "\n")"
            try Data(text.utf8).write(to: URL(filePath: path))
            return "\(name) was recorded"
        }
        return ExactText.areEqual(actual, expected) ? nil : "\(name): \(title)\n\(Self.compare(expected, with: actual))"
    }

    private static func lines(of text: String) -> [ExactText] {
        text.unicodeScalars.split(separator: "\n").map { ExactText(String($0)) }
    }

    /// Returns the lines of both texts.
    ///
    /// `-` marks lines that are only expected. `+` marks lines that are only in the output.
    private static func compare(_ expected: String, with actual: String) -> String {
        let (before, after) = (Self.lines(of: expected), Self.lines(of: actual))
        var removed: Set<Int> = []
        var inserted: [String] = []
        for change in after.difference(from: before) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(_, let line, _): inserted.append("+\(line)")
            }
        }
        return (before.enumerated().map { removed.contains($0) ? "-\($1)" : " \($1)" } + inserted)
            .joined(separator: "\n")
    }
}

extension GoldenCase: CustomStringConvertible {
    /// The file's name and the sentence at its top.
    public var description: String { "\(name): \(title)" }
}
