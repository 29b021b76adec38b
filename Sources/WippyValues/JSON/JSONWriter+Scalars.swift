extension JSONWriter {
    /// Appends text in quotation marks.
    mutating func quote(_ text: String) {
        quoteUTF8(text.utf8Span.span)
    }

    /// Appends text in quotation marks.
    ///
    /// Invalid UTF-8 becomes U+FFFD.
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

    /// Appends a quotation mark, a backslash or a control character in its escaped form.
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

    mutating func appendInteger(_ value: some FixedWidthInteger) {
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var rest = UInt64(value.magnitude)
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
        // From 2^53 on, the description has an exponent or a fraction of zero, so it is read as a float again.
        bytes.append(contentsOf: value.description.utf8)
    }
}
