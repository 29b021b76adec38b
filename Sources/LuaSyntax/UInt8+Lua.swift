import WippyText

extension UInt8 {
    /// True if a name can begin with the byte.
    var isNameStart: Bool { isWordPart && !isDigit }

    var isNewline: Bool { self == 0x0a || self == 0x0d }
}
