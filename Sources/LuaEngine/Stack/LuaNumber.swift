/// Writes numbers in the form of wippy's Lua.
public enum LuaNumber {
    /// Returns the text of a float.
    ///
    /// A whole number within the range of `Int` is written without a fraction and without an exponent. Any other number
    /// has the shortest digits that read back as the same float. If its magnitude is at least 10^6 or less than 10^-4,
    /// the text has an exponent: `1.2345675e+06`, `1e-05`. Infinity is `+Inf` or `-Inf`, and not-a-number is `NaN`.
    public static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        if let whole = Int(exactly: number) { return String(whole) }
        let (digits, exponent) = decimal(number.magnitude)
        let sign = number < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 {
            let fraction = digits.count > 1 ? "." + String(decoding: digits.dropFirst(), as: UTF8.self) : ""
            let magnitude = String(exponent.magnitude)
            return sign + String(decoding: digits.prefix(1), as: UTF8.self) + fraction
                + (exponent < 0 ? "e-" : "e+") + (magnitude.utf8.count < 2 ? "0" : "") + magnitude
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + String(decoding: digits, as: UTF8.self)
        }
        let whole = digits.prefix(exponent + 1)
        return sign + String(decoding: whole, as: UTF8.self)
            + String(repeating: "0", count: exponent + 1 - whole.count)
            + (digits.count > exponent + 1 ? "." + String(decoding: digits.dropFirst(exponent + 1), as: UTF8.self) : "")
    }

    /// The shortest digits that read back as the same float, and the power of ten of the first digit.
    static func decimal(_ number: Double) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var exponent = 0
        var pointAt: Int?
        let text = Array(number.description.utf8)
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "."): pointAt = digits.count
            case UInt8(ascii: "e"):
                exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
                index = text.count
            case let digit: digits.append(digit)
            }
            index += 1
        }
        exponent += (pointAt ?? digits.count) - 1
        let zeros = min(digits.prefix { $0 == UInt8(ascii: "0") }.count, digits.count - 1)
        digits.removeFirst(zeros)
        exponent -= zeros
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, exponent)
    }
}
