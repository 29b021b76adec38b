import WippyText

/// `${…}` in a text: nothing takes its place.
enum Placeholder {
    /// What is to be said of the first one of a text; nothing if there is none.
    static func problems(in text: String, at location: Location, entry: EntryID?) -> [Diagnostic] {
        if text.containsExactly("${env:") {
            let sentence = "environment placeholders such as '${env:NAME}' are not supported yet"
            return [.error(at: location, entry: entry, sentence)]
        }
        guard let placeholder = first(in: text) else { return [] }
        return [.warning(at: location, entry: entry, "'\(placeholder)' \(hasNoEffect)")]
    }

    /// What is said of one: the rest of a sentence.
    static let hasNoEffect = "is no placeholder that is known, and stays as it is written"

    /// The first `${…}` within one line, found in one pass.
    static func first(in text: String) -> String? {
        var rest = text.unicodeScalars[...]
        while let dollar = rest.firstIndex(where: { $0 == "$" }) {
            rest = rest[dollar...]
            guard rest.dropFirst().first == "{" else {
                rest = rest.dropFirst()
                continue
            }
            guard let end = rest.firstIndex(where: { $0 == "}" || $0 == "\n" || $0 == "\r" }) else { return nil }
            if rest[end] == "}" { return String(rest[...end]) }
            rest = rest[end...]
        }
        return nil
    }
}
