import WippyText

extension Scalar {
    /// Reads plain text by the core schema of YAML 1.2.2, section 10.3.2.
    static func resolve(_ text: String) -> Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .float(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .float(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .float(-.infinity)
        default: return number(text) ?? .text(text)
        }
    }

    /// Returns a number if the text has the form of a number.
    ///
    /// A whole number beyond 64 bits is the nearest float.
    private static func number(_ text: String) -> Value? {
        let bytes = Array(text.utf8)
        if let prefix = radixPrefix(bytes) {
            return Int(text.dropFirst(2), radix: prefix).map(Value.integer)
        }
        guard let shape = decimalShape(bytes) else { return nil }
        if shape == .whole, let whole = Int(text) { return .integer(whole) }
        return Double(text.hasExactSuffix(".") ? String(text.dropLast()) : text).map(Value.float)
    }

    private static func radixPrefix(_ bytes: [UInt8]) -> Int? {
        guard bytes.count > 2, bytes[0] == UInt8(ascii: "0") else { return nil }
        let digits = bytes.dropFirst(2)
        switch bytes[1] {
        case UInt8(ascii: "o"): return digits.allSatisfy { (0x30...0x37).contains($0) } ? 8 : nil
        case UInt8(ascii: "x"): return digits.allSatisfy(\.isHexDigit) ? 16 : nil
        default: return nil
        }
    }

    private enum DecimalShape { case whole, fraction }

    /// Returns the decimal form of a text: `[-+]?[0-9]+` or `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
    private static func decimalShape(_ bytes: [UInt8]) -> DecimalShape? {
        var rest = bytes[...]
        if let sign = rest.first, isSign(sign) { rest = rest.dropFirst() }
        let whole = rest.prefix { $0.isDigit }
        rest = rest.dropFirst(whole.count)
        if rest.isEmpty { return whole.isEmpty ? nil : .whole }
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { $0.isDigit }
            guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        } else if whole.isEmpty {
            return nil
        }
        if rest.isEmpty { return .fraction }
        guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") else { return nil }
        rest = rest.dropFirst()
        if let sign = rest.first, isSign(sign) { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(\.isDigit) ? .fraction : nil
    }

    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
}
