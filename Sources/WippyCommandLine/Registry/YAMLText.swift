import WippyDefinition
import WippyText
import WippyValues

/// Writes values as YAML.
enum YAMLText {
    /// Returns the value on separate lines, with maps and lists in block style.
    static func block(_ value: Value) -> String {
        lines(of: value).map { "\($0)\n" }.joined()
    }

    /// Returns the value in one line.
    static func inline(_ value: Value) -> String {
        switch value {
        case .list(let elements): "[\(elements.map(inline).joined(separator: ", "))]"
        case .map(let map): "{\(map.map { "\(plain($0.key)): \(inline($0.value))" }.joined(separator: ", "))}"
        case .string(let text): plain(text)
        default: JSON.text(of: value)
        }
    }

    private static func lines(of value: Value) -> [String] {
        switch value {
        case .list(let elements) where !elements.isEmpty:
            elements.flatMap { element in
                lines(of: element).enumerated().map { ($0 == 0 ? "- " : "  ") + $1 }
            }
        case .map(let map) where !map.isEmpty:
            map.flatMap { name, value in
                let inner = lines(of: value)
                return inner.count == 1 && !value.isFilled
                    ? ["\(plain(name)): \(inner[0])"] : ["\(plain(name)):"] + inner.map { "  \($0)" }
            }
        default: [inline(value)]
        }
    }

    /// Returns a text without quotes, if YAML reads the result as the same text.
    ///
    /// Otherwise returns the text as JSON, which is also YAML.
    private static func plain(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let isOfWord = { (scalar: Unicode.Scalar) in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        }
        let isPlain =
            scalars.allSatisfy { isOfWord($0) || "_-./:+@* ".unicodeScalars.contains($0) }
            && scalars.first.map { isOfWord($0) || "_./:".unicodeScalars.contains($0) } == true
            && scalars.last != ":" && scalars.last != " " && !text.containsExactly(": ")
        return isPlain && Scalar(text, style: .plain).isText ? text : JSON.text(of: .string(text))
    }
}

extension Value {
    /// True if the value is a list or a map with elements.
    fileprivate var isFilled: Bool {
        switch self {
        case .list(let elements): !elements.isEmpty
        case .map(let map): !map.isEmpty
        default: false
        }
    }
}
