/// Escapes the scalars of a text that could disturb a terminal or a log file.
public enum VisibleText {
    /// Returns true if a scalar is a control character, a separator of lines or paragraphs, or a mark that changes the
    /// direction of writing.
    public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        // Separators of lines and paragraphs, and marks that change the direction of writing.
        case 0x2028, 0x2029, 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Appends a scalar to a text that has quotation marks around it.
    ///
    /// The characters `"` and `\` get a backslash before them. A hidden scalar becomes an escape, such as `\n` or
    /// `\u{202e}`.
    public static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        default: appendUnquoted(scalar, to: &text)
        }
    }

    /// Appends a scalar to a text that has no quotation marks around it.
    ///
    /// A hidden scalar becomes an escape, such as `\n` or `\u{202e}`.
    public static func appendUnquoted(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case _ where isHidden(scalar): text += "\\u{\(String(scalar.value, radix: 16))}"
        default: text.unicodeScalars.append(scalar)
        }
    }
}

extension StringProtocol {
    /// The text on one line, with an escape such as `\n` or `\u{202e}` for each scalar that
    /// ``VisibleText/isHidden(_:)`` finds.
    public var visible: String {
        guard unicodeScalars.contains(where: VisibleText.isHidden) else { return String(self) }
        return unicodeScalars.reduce(into: "") { text, scalar in VisibleText.appendUnquoted(scalar, to: &text) }
    }
}
