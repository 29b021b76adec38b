extension JSON {
    /// Returns a value as JSON text on one line.
    ///
    /// If lists and maps nest deeper than ``maxNesting`` levels, the text is `null`.
    public static func text(of value: Value) -> String {
        let bytes = (try? encode(value)) ?? Array("null".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Returns a value as JSON text of several lines.
    ///
    /// A short list or map stays on one line. The lines of a longer one are indented by two spaces.
    package static func indentedText(of value: Value) -> String { indentedText(of: value, by: 0) }

    private static func indentedText(of value: Value, by indent: Int) -> String {
        let line = text(of: value)
        guard line.utf8.count + indent > 100 else { return line }
        let elements: [String]
        let brackets: (String, String)
        switch value {
        case .list(let list):
            brackets = ("[", "]")
            elements = list.map { indentedText(of: $0, by: indent + 2) }
        case .map(let map):
            brackets = ("{", "}")
            elements = map.map { "\(text(of: .string($0.key))): \(indentedText(of: $0.value, by: indent + 2))" }
        default: return line
        }
        let margin = String(repeating: " ", count: indent)
        return "\(brackets.0)\n\(margin)  \(elements.joined(separator: ",\n\(margin)  "))\n\(margin)\(brackets.1)"
    }
}
