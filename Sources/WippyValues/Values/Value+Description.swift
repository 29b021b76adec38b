import WippyText

extension Value: CustomStringConvertible, CustomDebugStringConvertible {
    /// A text for people, similar to JSON.
    ///
    /// It shows content, so do not send it to a client. The text is cut off after about 256 bytes, or after eight
    /// levels of lists and maps. For bytes it shows only their number. It has no character that could move a terminal's
    /// cursor or begin a line.
    public var description: String {
        var text = ""
        describe(into: &text, levelsLeft: 8)
        return text
    }

    /// The same text as ``description``.
    public var debugDescription: String { description }

    private static let maxDescribedBytes = 256

    private func describe(into text: inout String, levelsLeft: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += "\(value)"
        case .unsigned(let value): text += "\(value)"
        case .float(let value): text += "\(value)"
        case .string(let value): Value.describe(value, into: &text)
        case .bytes(let value): text += value.count == 1 ? "<1 byte>" : "<\(value.count) bytes>"
        case .list(let elements):
            Value.describe(elements, "[", "]", into: &text, levelsLeft: levelsLeft) { element, text in
                element.describe(into: &text, levelsLeft: levelsLeft - 1)
            }
        case .map(let map):
            Value.describe(map, "{", "}", into: &text, levelsLeft: levelsLeft) { pair, text in
                Value.describe(pair.key, into: &text)
                text += ": "
                pair.value.describe(into: &text, levelsLeft: levelsLeft - 1)
            }
        }
    }

    /// Describes elements between brackets, until the text is long enough.
    private static func describe<Elements: Collection>(
        _ elements: Elements, _ opening: String, _ closing: String, into text: inout String, levelsLeft: Int,
        _ describe: (Elements.Element, inout String) -> Void
    ) {
        text += opening
        for (index, element) in elements.enumerated() {
            if index > 0 { text += ", " }
            guard levelsLeft > 0, text.utf8.count < maxDescribedBytes else {
                text += text.hasExactSuffix("…") ? "" : "…"
                return
            }
            describe(element, &text)
            if text.hasExactSuffix("…") { return }
        }
        text += closing
    }

    private static func describe(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            guard text.utf8.count < maxDescribedBytes else {
                text += "…"
                return
            }
            VisibleText.append(scalar, to: &text)
        }
        text += "\""
    }
}
