import WippyDefinition
import WippyText
import WippyValues

/// Selects the entries to list: those that match every pattern.
struct EntryFilter {
    /// The path of a value in `meta`, and the pattern that the value must match.
    struct Meta {
        let names: [String]
        let pattern: String

        /// Reads `field=pattern`.
        init(_ text: String) throws(UsageError) {
            let parts = text.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { String($0) }
            guard parts.count == 2, !parts[0].isEmpty else {
                throw UsageError("'--meta' takes field=pattern, got '\(text)'")
            }
            names = parts[0].unicodeScalars.split(separator: ".").map { String($0) }
            pattern = parts[1]
        }

        func matches(_ meta: Value) -> Bool {
            var value: Value? = meta
            for name in names { value = value?.map?[name] }
            return (value?.list ?? value.map { [$0] } ?? []).contains { Glob.matches(pattern, $0.plainText) }
        }
    }

    var kind: String?
    var namespace: String?
    var name: String?
    var meta: [Meta] = []

    var isEmpty: Bool { kind == nil && namespace == nil && name == nil && meta.isEmpty }

    func matches(_ entry: ShownEntry) -> Bool {
        let words = [(kind, entry.kind), (namespace, entry.id.namespace), (name, entry.id.name)]
        return words.allSatisfy { pattern, text in pattern.map { Glob.matches($0, text) } ?? true }
            && (meta.isEmpty || meta.allSatisfy { [shown = entry.meta] in $0.matches(shown) })
    }
}
