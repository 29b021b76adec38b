package import WippyText

/// A text with placeholders `${…}`, divided into its parts.
///
/// A placeholder ends on the line on which it begins. `$${` means the text `${`.
struct PlaceholderText {
    enum Part {
        case text(String)
        /// The text between the braces.
        case placeholder(String)
    }

    let parts: [Part]

    /// Divides a text; nil if it does not contain `${`.
    init?(_ text: String) {
        guard text.containsExactly("${") else { return nil }
        var parts: [Part] = []
        var literal = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        // This is the end of the last line without a closing brace. With it, each line is searched only once.
        var unclosed = rest.startIndex
        while let scalar = rest.popFirst() {
            literal.append(scalar)
            guard scalar == "$" else { continue }
            if rest.starts(with: "${".unicodeScalars) {
                literal.append("{")
                rest = rest.dropFirst(2)
            } else if rest.first == "{", rest.startIndex >= unclosed {
                let inner = rest.dropFirst().prefix { $0 != "}" && $0 != "\n" && $0 != "\r" }
                guard inner.endIndex < rest.endIndex, rest[inner.endIndex] == "}" else {
                    unclosed = inner.endIndex
                    continue
                }
                literal.removeLast()
                if !literal.isEmpty { parts.append(.text(String(literal))) }
                literal.removeAll()
                parts.append(.placeholder(String(inner)))
                rest = rest[inner.endIndex...].dropFirst()
            }
        }
        if !literal.isEmpty { parts.append(.text(String(literal))) }
        self.parts = parts
    }

    /// Returns diagnostics about placeholders in a text that cannot have any, such as a name, a kind or a key.
    static func problems(in text: String, at location: Location, entry: EntryID?) -> [Diagnostic] {
        guard let parts = PlaceholderText(text)?.parts else { return [] }
        for case .placeholder(let inner) in parts {
            guard VariableReference(inner) != nil else {
                return [.warning(at: location, entry: entry, "'${\(inner)}' \(hasNoEffect)")]
            }
            return [.error(at: location, entry: entry, "'${\(inner)}' is allowed only in the value of a field")]
        }
        return []
    }

    /// The rest of a sentence about an unknown placeholder.
    static let hasNoEffect =
        "is not a known placeholder, so it stays as written; write '$${' if you mean the text '${'"
}

/// A placeholder of an entry: `${env:NAME}`, `${env:NAME|default}`, or `${NAME|default}` in capitals.
package struct VariableReference {
    /// The public name of a variable, or the id of its entry.
    let name: String
    /// The text to use if the variable has no value; nil if there is none.
    let fallback: String?

    /// Reads the text between the braces; nil if it has another form.
    init?(_ inner: String) {
        let parts = inner.unicodeScalars.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
            .map(String.init)
        fallback = parts.count == 2 ? parts[1] : nil
        if parts[0].hasExactPrefix("env:") {
            name = parts[0].dropping("env:")
            guard Self.isName(name) else { return nil }
        } else {
            name = parts[0]
            guard fallback != nil, Self.isName(name), Self.capitals.spells(name) else { return nil }
        }
    }

    /// Returns true if a text can name a variable: a letter or `_`, then letters, digits and `_.:-`.
    static func isName(_ text: String) -> Bool { nameShape.matches(text) }
    private static let nameShape = TextShape.sequence([
        .character(Alphabet("A"..."Z", "a"..."z", "_"..."_")),
        .any(Alphabet("A"..."Z", "a"..."z", "0"...":", "_"..."_", "-"...".")),
    ])

    /// The characters of a variable's public name.
    package static let publicName = Alphabet("A"..."Z", "a"..."z", "0"..."9", "_"..."_")

    private static let capitals = Alphabet("A"..."Z", "0"..."9", "_"..."_")
}
