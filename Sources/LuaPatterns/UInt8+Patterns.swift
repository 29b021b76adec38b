import WippyText

extension UInt8 {
    /// True if the byte has a special meaning somewhere in patterns.
    var isMagic: Bool {
        switch self {
        case "^", "$", "*", "+", "?", ".", "(", "[", "%", "-": true
        default: false
        }
    }

    private var isVisible: Bool { 0x21...0x7e ~= self }

    /// True if the byte is in a class of patterns: `a` for letters, `A` for bytes that are not letters, and so on.
    ///
    /// - Parameter name: the byte after `%`. A byte that names no class matches only itself.
    @inline(__always)
    func isIn(class name: UInt8) -> Bool {
        let isMember: Bool
        switch name | 0x20 {
        case "a": isMember = isLetter
        case "c": isMember = self < 0x20 || self == 0x7f
        case "d": isMember = isDigit
        case "g": isMember = isVisible
        case "l": isMember = isLower
        case "p": isMember = isVisible && !isLetter && !isDigit
        case "s": isMember = isBlank
        case "u": isMember = isUpper
        case "w": isMember = isLetter || isDigit
        case "x": isMember = isHexDigit
        case "z": isMember = self == 0
        default: return self == name
        }
        return isMember != name.isUpper
    }
}
