/// Makes text safe for a terminal and a log file: it cannot begin a line, move a cursor or change the direction of
/// writing.
public enum VisibleText {
    /// Whether a scalar must not be shown as it is.
    public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        // Line and paragraph separators, marks and overrides of direction.
        case 0x2028, 0x2029, 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Appends a scalar of a quoted text.
    ///
    /// Quotes and backslashes are escaped, hidden scalars become their name or number.
    public static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        default: appendUnquoted(scalar, to: &text)
        }
    }

    /// Appends a scalar.
    ///
    /// A hidden scalar becomes its name or number.
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
    /// The text on one line, with hidden scalars as their name or number.
    public var visible: String {
        guard unicodeScalars.contains(where: VisibleText.isHidden) else { return String(self) }
        return unicodeScalars.reduce(into: "") { text, scalar in VisibleText.appendUnquoted(scalar, to: &text) }
    }
}
