extension JSONWriter {
    /// Appends text in quotes.
    mutating func quote(_ text: String) {
        quoteUTF8(text.utf8Span.span)
    }

    /// Appends text in quotes; what is not UTF-8 becomes U+FFFD.
    mutating func quote(utf8 text: Span<UInt8>) {
        if (try? UTF8Span(validating: text)) != nil {
            return quoteUTF8(text)
        }
        let repaired = unsafe text.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        quoteUTF8(repaired.utf8Span.span)
    }

    private mutating func quoteUTF8(_ text: Span<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var runStart = 0
        var position = JSONText.endOfPlainASCII(text, from: 0)
        while position < text.count {
            let byte = text[position]
            if byte < 0x80 {
                JSONText.append(text.extracting(runStart..<position), to: &bytes)
                appendEscape(byte)
                runStart = position + 1
            }
            position = JSONText.endOfPlainASCII(text, from: position + 1)
        }
        JSONText.append(text.extracting(runStart..<position), to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a quote, a backslash or a control character in its escaped form.
    private mutating func appendEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            bytes.append(byte & 0xF < 10 ? UInt8(ascii: "0") + byte & 0xF : UInt8(ascii: "a") + byte & 0xF - 10)
        default: bytes.append(byte)
        }
    }

    mutating func appendInteger(_ value: Int) {
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var rest = value.magnitude
        var start = 20
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        JSONText.append(digits.span.extracting(start..<20), to: &bytes)
    }

    mutating func appendFloat(_ value: Double) {
        guard value.isFinite else {
            return bytes.append(contentsOf: "null".utf8)
        }
        if value.magnitude < 0x1p53, value.rounded(.towardZero) == value, value != 0 || value.sign == .plus {
            return appendInteger(Int(value))
        }
        bytes.append(contentsOf: value.description.utf8)
        // Between 2^53 and 2^54 the description has a fraction of zero; negative zero keeps its own.
        if value != 0, bytes.suffix(2).elementsEqual(".0".utf8) {
            bytes.removeLast(2)
        }
    }

    mutating func appendBase64(_ value: Span<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var position = 0
        while value.count - position >= 3 {
            appendBase64(value[position], value[position + 1], value[position + 2], digitCount: 4)
            position += 3
        }
        switch value.count - position {
        case 2:
            appendBase64(value[position], value[position + 1], 0, digitCount: 3)
            bytes.append(UInt8(ascii: "="))
        case 1:
            appendBase64(value[position], 0, 0, digitCount: 2)
            bytes.append(contentsOf: "==".utf8)
        default: break
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendBase64(_ first: UInt8, _ second: UInt8, _ third: UInt8, digitCount: Int) {
        let bits = UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
        for index in 0..<digitCount {
            bytes.append(base64Digit(UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * index)) & 0x3F))
        }
    }

    private func base64Digit(_ number: UInt8) -> UInt8 {
        switch number {
        case 0..<26: UInt8(ascii: "A") + number
        case 26..<52: UInt8(ascii: "a") + number - 26
        case 52..<62: UInt8(ascii: "0") + number - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
