import WippyDefinition
import WippyText

/// A file of variables in the form of `.env` files: `NAME=text` on each line.
///
/// Blank lines and lines that begin with `#` are ignored. `export ` may precede a name. A text in single quotes is
/// taken as it is. In double quotes, `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are escapes. A text without quotes ends at a
/// `#` that follows white space. If two lines have the same name, the last one counts. Variables inside a text are not
/// replaced.
struct VariableFile {
    private(set) var texts: [ExactText: StoredText] = [:]
    /// The errors.
    ///
    /// They contain no texts of variables, because these may be secrets.
    private(set) var problems: [Diagnostic] = []

    init(_ file: SourceFile) {
        for (index, line) in file.lines.enumerated() {
            let place = Location(file: file.path, line: index + 1, column: 1)
            var line = line.trimmed
            guard !line.isEmpty, !line.hasExactPrefix("#") else { continue }
            if line.hasExactPrefix("export ") { line = line.dropping("export ").trimmed }
            let parts = line.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { String($0).trimmed }
            guard parts.count == 2, VariableReference.publicName.spells(parts[0]) else {
                problems.append(
                    .error(
                        at: place,
                        "the line must be NAME=value, with a name of letters, digits and '_'"))
                continue
            }
            guard let text = Self.text(parts[1]) else {
                let sentence = "the value of '\(parts[0])' must end with the quote that it begins with"
                problems.append(.error(at: place, sentence))
                continue
            }
            texts[ExactText(parts[0])] = StoredText(text, at: place)
        }
    }

    /// Returns the text of a line; nil if its quotes do not match.
    private static func text(_ written: String) -> String? {
        var rest = written.unicodeScalars[...]
        guard let quote = rest.first, quote == "\"" || quote == "'" else { return plain(rest) }
        rest = rest.dropFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == quote { return isOver(rest) ? String(text) : nil }
            if scalar == "\\", quote == "\"", let escaped = rest.first, let meant = escapes[escaped] {
                text.append(meant)
                rest = rest.dropFirst()
            } else {
                text.append(scalar)
            }
        }
        return nil
    }

    private static func plain(_ text: Substring.UnicodeScalarView) -> String {
        var before: Unicode.Scalar = " "
        let kept = text.prefix { scalar in
            defer { before = scalar }
            return scalar != "#" || !before.properties.isWhitespace
        }
        return String(kept).trimmed
    }

    /// Returns true if only white space or a comment follows.
    private static func isOver(_ rest: Substring.UnicodeScalarView) -> Bool {
        let rest = String(rest).trimmed
        return rest.isEmpty || rest.hasExactPrefix("#")
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "n": "\n", "r": "\r", "t": "\t", "\"": "\"", "\\": "\\", "$": "$",
    ]
}
