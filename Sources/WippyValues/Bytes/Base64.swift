/// Base64 with the standard alphabet and padding (RFC 4648, section 4), the form of bytes in JSON.
package enum Base64 {
    /// Returns the Base64 text of bytes.
    package static func encode(_ bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the Base64 text of bytes.
    package static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        var position = 0
        while bytes.count - position >= 3 {
            append(bytes[position], bytes[position + 1], bytes[position + 2], digitCount: 4, to: &text)
            position += 3
        }
        switch bytes.count - position {
        case 2:
            append(bytes[position], bytes[position + 1], 0, digitCount: 3, to: &text)
            text.append(UInt8(ascii: "="))
        case 1:
            append(bytes[position], 0, 0, digitCount: 2, to: &text)
            text.append(UInt8(ascii: "="))
            text.append(UInt8(ascii: "="))
        default: break
        }
    }

    private static func append(
        _ first: UInt8, _ second: UInt8, _ third: UInt8, digitCount: Int, to text: inout [UInt8]
    ) {
        let bits = UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
        for index in 0..<digitCount {
            text.append(digit(UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * index)) & 0x3F))
        }
    }

    private static func digit(_ number: UInt8) -> UInt8 {
        switch number {
        case 0..<26: UInt8(ascii: "A") + number
        case 26..<52: UInt8(ascii: "a") + number - 26
        case 52..<62: UInt8(ascii: "0") + number - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    /// Returns the bytes of a Base64 text.
    ///
    /// - Returns: nil if the text is not the text that ``encode(_:)`` returns for these bytes.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var position = 0
        while position < text.count {
            let isLast = position + 4 == text.count
            var bits: UInt32 = 0
            var digitCount = 4
            if isLast, text[position + 3] == UInt8(ascii: "=") {
                digitCount = text[position + 2] == UInt8(ascii: "=") ? 2 : 3
            }
            for index in 0..<digitCount {
                guard let digit = number(text[position + index]) else { return nil }
                bits |= UInt32(digit) << UInt32(18 - 6 * index)
            }
            let byteCount = digitCount - 1
            // Bits after the last byte must be zero, so that each sequence of bytes has one text.
            guard bits << UInt32(8 + 8 * byteCount) == 0 else { return nil }
            for index in 0..<byteCount {
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * index)))
            }
            position += 4
        }
        return bytes
    }

    private static func number(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
