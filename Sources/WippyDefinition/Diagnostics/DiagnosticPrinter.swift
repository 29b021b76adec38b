import WippyText

/// Writes a report as text, with a line for each diagnostic.
///
/// An excerpt of the file may follow the line, with carets under the place. No excerpt shows a line that the report
/// hides.
public struct DiagnosticPrinter: Sendable {
    /// The project's files, for excerpts; nil for no excerpts.
    public var sources: SourceSet?

    /// True if the text has a terminal's escape sequences for colors.
    public var isColored: Bool

    /// Creates a printer.
    ///
    /// - Parameters:
    ///   - sources: the project's files, for excerpts. Default: nil, no excerpts.
    ///   - isColored: true if the text has colors. Default: false.
    public init(sources: SourceSet? = nil, isColored: Bool = false) {
        self.sources = sources
        self.isColored = isColored
    }

    /// Returns the sorted diagnostics, and a summary in the last line.
    ///
    /// - Parameters:
    ///   - report: the diagnostics.
    ///   - entryCount: the number of entries, for the summary; nil to leave it out.
    public func text(of report: Report, on entryCount: Int?) -> String {
        var lines = SourceLines(sources, hiding: report.secretPlaces)
        let count = entryCount.map { $0 == 1 ? "1 entry, " : "\($0) entries, " } ?? ""
        return (report.diagnostics.map { text(of: $0, &lines) } + [count + report.summary]).joined(separator: "\n")
    }

    /// Returns the line of one diagnostic, without an excerpt.
    public func text(of diagnostic: Diagnostic) -> String {
        var lines = SourceLines(nil, hiding: [])
        return text(of: diagnostic, &lines)
    }

    private func text(of diagnostic: Diagnostic, _ lines: inout SourceLines) -> String {
        let severity = diagnostic.severity
        let color = severity == .error ? "31" : "33"
        let subject = diagnostic.entry.map { "\($0): " } ?? ""
        let rest = "\(subject)\(diagnostic.message)".visible
        let line = "\("\(diagnostic.location)".visible): \(colored("\(severity.rawValue):", color)) \(rest)"
        return excerpt(at: diagnostic.location, color: color, &lines).map { "\(line)\n\($0)" } ?? line
    }

    /// Returns the key or value at a location, and a line with carets under it.
    ///
    /// The rest of the line is left out, because it may be a secret.
    private func excerpt(at location: Location, color: String, _ lines: inout SourceLines) -> String? {
        guard let line = lines.line(at: location) else { return nil }
        let scalars = Array(line.unicodeScalars)
        let start = location.column - 1
        guard start >= 0, start <= scalars.count, scalars.count <= 500 else { return nil }
        let length = Self.length(of: scalars[start...])
        let (before, isCut) = Self.part(before: scalars[..<start])
        let indent = (isCut ? "  " : "") + before.map { $0 == "\t" ? "\t" : " " }.joined()
        let carets = String(repeating: "^", count: max(length, 1))
        let number = "\(location.line)"
        let margin = String(repeating: " ", count: number.count)
        let rest = scalars[(start + length)...]
        let isKey = rest.first == ":"
        let isMore = rest.dropFirst(isKey ? 1 : 0).contains {
            !$0.properties.isWhitespace && !Self.closers.contains($0)
        }
        // Tabs stay, because the line of carets has them, too.
        let meant = String(String.UnicodeScalarView(before + scalars[start..<(start + length)]))
        let shown = meant.unicodeScalars.split(separator: "\t", omittingEmptySubsequences: false)
            .map { String($0).visible }.joined(separator: "\t")
        let whole = (isCut ? "… " : "") + shown + (isKey ? ":" : "") + (isMore ? " …" : "")
        return " \(number) | \(whole)\n \(margin) | \(indent)\(colored(carets, color))"
    }

    /// Returns the text before a place, from the last `{`, `[` or `,` on.
    ///
    /// On a line with several fields, only the field of the diagnostic is shown.
    private static func part(before: ArraySlice<Unicode.Scalar>) -> (text: ArraySlice<Unicode.Scalar>, isCut: Bool) {
        let signs: [Unicode.Scalar] = ["{", "[", ","]
        guard let end = before.lastIndex(where: signs.contains) else { return (before, false) }
        return (before[(end + 1)...].drop { $0 == " " }, true)
    }

    /// The characters that end a value in a list or map on one line.
    private static let closers: [Unicode.Scalar] = [",", "]", "}"]

    /// Returns the length of the word or quoted text at the beginning of the given scalars.
    private static func length(of rest: ArraySlice<Unicode.Scalar>) -> Int {
        // For a list or a map, carets are only under its first character.
        if rest.first == "[" || rest.first == "{" { return 1 }
        guard let quote = rest.first, quote == "\"" || quote == "'" else {
            let word = rest.prefix { !$0.properties.isWhitespace }
            let isWhole = word.last == "}" && word.contains("{")
            return !isWhole && word.last.map(([":"] + closers).contains) == true ? word.count - 1 : word.count
        }
        guard let end = rest.dropFirst().firstIndex(of: quote) else { return rest.count }
        return end - rest.startIndex + 1
    }

    private func colored(_ text: String, _ color: String) -> String {
        isColored ? "\u{1b}[1;\(color)m\(text)\u{1b}[0m" : text
    }
}

/// Splits a project's texts into lines, each text once.
private struct SourceLines {
    private let sources: SourceSet?
    private let hidden: Set<Location>
    private var known: [ExactText: [String]] = [:]

    /// - Parameter hidden: the places that no excerpt shows: the beginnings of lines, or whole files.
    init(_ sources: SourceSet?, hiding hidden: Set<Location>) {
        self.sources = sources
        self.hidden = hidden
    }

    mutating func line(at location: Location) -> String? {
        guard let sources, location.line > 0 else { return nil }
        guard !hidden.contains(Location(file: location.source, line: location.line, column: 1)),
            !hidden.contains(Location(source: location.source))
        else { return nil }
        let source = ExactText(location.source)
        let lines = known[source] ?? sources[location.source]?.lines ?? []
        known[source] = lines
        return location.line <= lines.count ? lines[location.line - 1] : nil
    }
}
