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
        case .map(let map): "{\(map.map { "\($0.key.written): \(inline($0.value))" }.joined(separator: ", "))}"
        case .string(let text): text.written
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
                    ? ["\(name.written): \(inner[0])"] : ["\(name.written):"] + inner.map { "  \($0)" }
            }
        default: [inline(value)]
        }
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
