extension UInt8 {
    /// True if the byte has a special meaning somewhere in patterns.
    var isMagic: Bool {
        switch self {
        case "^", "$", "*", "+", "?", ".", "(", "[", "%", "-": true
        default: false
        }
    }

    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    private var isLower: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
    private var isUpper: Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self }
    private var isLetter: Bool { (self | 0x20).isLower }
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
        case "s": isMember = self == 0x20 || 0x09...0x0d ~= self
        case "u": isMember = isUpper
        case "w": isMember = isLetter || isDigit
        case "x": isMember = isDigit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= self | 0x20
        case "z": isMember = self == 0
        default: return self == name
        }
        return isMember != name.isUpper
    }

    @inline(__always)
    static func == (byte: UInt8, character: Unicode.Scalar) -> Bool { byte == UInt8(ascii: character) }

    @inline(__always)
    static func != (byte: UInt8, character: Unicode.Scalar) -> Bool { byte != UInt8(ascii: character) }

    @inline(__always)
    static func ~= (character: Unicode.Scalar, byte: UInt8) -> Bool { byte == UInt8(ascii: character) }
}
