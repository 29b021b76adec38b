/// A media type with its parameters, or another value of that form (RFC 9110, section 5.6.6): `form-data; name="a"`.
struct MediaType {
    /// The text before the parameters, in small letters.
    let name: String
    private let parameters: [(name: String, value: String)]

    init(_ text: String) {
        var rest = text.utf8[...]
        name = Self.lowercased(Self.token(&rest, until: UInt8(ascii: ";")))
        var parameters: [(name: String, value: String)] = []
        while !rest.isEmpty {
            rest.removeFirst()
            let name = Self.lowercased(Self.token(&rest, until: UInt8(ascii: "="), or: UInt8(ascii: ";")))
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest.removeFirst()
            parameters.append((name, Self.value(&rest)))
        }
        self.parameters = parameters
    }

    /// The value of the first parameter with a name; nil if there is no such parameter.
    subscript(name: String) -> String? { parameters.first { $0.name.utf8.elementsEqual(name.utf8) }?.value }

    /// The text before one of two bytes, without the blanks around it.
    private static func token(
        _ rest: inout Substring.UTF8View, until end: UInt8, or other: UInt8? = nil
    ) -> Substring.UTF8View {
        let text = rest.prefix { $0 != end && $0 != other }
        rest = rest[text.endIndex...]
        let trimmed = text.drop(while: isBlank)
        return trimmed.prefix(upTo: trimmed.lastIndex { !isBlank($0) }.map(trimmed.index(after:)) ?? trimmed.startIndex)
    }

    /// Reads a value, with or without quotation marks.
    ///
    /// In a quoted value, a backslash escapes a quotation mark or a backslash.
    private static func value(_ rest: inout Substring.UTF8View) -> String {
        rest = rest.drop(while: isBlank)
        guard rest.first == UInt8(ascii: "\"") else { return text(token(&rest, until: UInt8(ascii: ";"))) }
        rest.removeFirst()
        var value: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            let isEscape = byte == UInt8(ascii: "\\")
            if isEscape, let next = rest.first, next == byte || next == UInt8(ascii: "\"") {
                value.append(next)
                rest.removeFirst()
            } else {
                value.append(byte)
            }
        }
        rest = rest.drop { $0 != UInt8(ascii: ";") }
        return String(decoding: value, as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == Grammar.space || byte == Grammar.tab }

    private static func text(_ bytes: Substring.UTF8View) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func lowercased(_ bytes: Substring.UTF8View) -> String {
        String(decoding: bytes.map(Grammar.lowercased), as: UTF8.self)
    }
}
