// Classes of ASCII characters. A byte of another character is in none of them.
extension UInt8 {
    /// True for the digits 0 to 9.
    @inlinable package var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    /// True for the digits 0 to 9, A to F and a to f.
    @inlinable package var isHexDigit: Bool { hexDigitValue != nil }

    /// The value of a hexadecimal digit; nil for another byte.
    @inlinable package var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self &- UInt8(ascii: "A") &+ 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self &- UInt8(ascii: "a") &+ 10
        default: nil
        }
    }

    /// True for a to z.
    @inlinable package var isLower: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }

    /// True for A to Z.
    @inlinable package var isUpper: Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self }

    /// True for A to Z and a to z.
    @inlinable package var isLetter: Bool { (self | 0x20).isLower }

    /// True for a letter, a digit and `_`.
    @inlinable package var isWordPart: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }

    /// True for a space, a tab, and the four characters that end a line or a page.
    @inlinable package var isBlank: Bool { self == 0x20 || 0x09...0x0D ~= self }

    @inlinable
    package static func == (byte: UInt8, character: Unicode.Scalar) -> Bool { byte == UInt8(ascii: character) }

    @inlinable
    package static func != (byte: UInt8, character: Unicode.Scalar) -> Bool { byte != UInt8(ascii: character) }

    @inlinable
    package static func ~= (character: Unicode.Scalar, byte: UInt8) -> Bool { byte == UInt8(ascii: character) }
}
