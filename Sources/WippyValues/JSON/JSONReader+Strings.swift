import WippyText

extension JSONReader {
    /// Reads the string whose opening quotation mark is at the current position.
    mutating func string(_ bytes: Span<UInt8>) throws(Failure) -> String {
        position += 1
        let start = position
        position = JSONText.endOfPlainASCII(bytes, from: position)
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
            let plain = bytes.extracting(start..<position)
            position += 1
            // The scan has looked at each byte.
            return unsafe String(copying: UTF8Span(unchecked: plain, isKnownASCII: true))
        }
        return try longString(bytes, from: start)
    }

    /// Reads a string that is not plain ASCII.
    ///
    /// The position is at the first byte that is not plain ASCII.
    private mutating func longString(_ bytes: Span<UInt8>, from start: Int) throws(Failure) -> String {
        var runStart = start
        unescaped.removeAll(keepingCapacity: true)
        while true {
            try skipRun(bytes, from: runStart)
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let run = runStart..<position
                position += 1
                if unescaped.isEmpty {
                    return unsafe String(copying: UTF8Span(unchecked: bytes.extracting(run)))
                }
                JSONText.append(bytes.extracting(run), to: &unescaped)
                return unsafe String(copying: UTF8Span(unchecked: unescaped.span))
            case UInt8(ascii: "\\"):
                JSONText.append(bytes.extracting(runStart..<position), to: &unescaped)
                try escape(bytes)
                runStart = position
            default:
                throw failure(.controlCharacter)
            }
        }
    }

    /// Goes to the next quotation mark, backslash or control character.
    ///
    /// The bytes before it must be valid UTF-8.
    private mutating func skipRun(_ bytes: Span<UInt8>, from runStart: Int) throws(Failure) {
        position = JSONText.endOfPlainASCII(bytes, from: position)
        let isASCII = position >= bytes.count || bytes[position] < 0x80
        while position < bytes.count, bytes[position] >= 0x80 {
            position += 1
            position = JSONText.endOfPlainASCII(bytes, from: position)
        }
        if !isASCII {
            try checkUTF8(bytes, runStart..<position)
        }
        guard position < bytes.count else { throw failure(.stringNotEnded) }
    }

    private func checkUTF8(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Failure) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.extracting(range))
        } catch {
            throw Failure(rule: .notUTF8, offset: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    /// Reads the escape whose backslash is at the current position, and appends its character.
    private mutating func escape(_ bytes: Span<UInt8>) throws(Failure) {
        guard position + 1 < bytes.count else {
            position = bytes.count
            throw failure(.stringNotEnded)
        }
        let plain: UInt8
        switch bytes[position + 1] {
        case UInt8(ascii: "\""): plain = UInt8(ascii: "\"")
        case UInt8(ascii: "\\"): plain = UInt8(ascii: "\\")
        case UInt8(ascii: "/"): plain = UInt8(ascii: "/")
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"): return try unicodeEscape(bytes)
        default: throw failure(.unknownEscape)
        }
        unescaped.append(plain)
        position += 2
    }

    private mutating func unicodeEscape(_ bytes: Span<UInt8>) throws(Failure) {
        let start = position
        var number = try codeUnit(bytes)
        if number & 0xFC00 == 0xD800 {
            guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            else { throw Failure(rule: .halfSurrogatePair, offset: start) }
            let low = try codeUnit(bytes)
            guard low & 0xFC00 == 0xDC00 else { throw Failure(rule: .halfSurrogatePair, offset: start) }
            number = 0x10000 + (number & 0x3FF) << 10 + low & 0x3FF
        }
        guard let scalar = Unicode.Scalar(number) else { throw Failure(rule: .halfSurrogatePair, offset: start) }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            unescaped.append(byte)
        }
    }

    /// Reads `\u` and four hexadecimal digits.
    private mutating func codeUnit(_ bytes: Span<UInt8>) throws(Failure) -> UInt32 {
        guard bytes.count - position >= 6 else { throw failure(.noHexadecimalDigits) }
        var number: UInt32 = 0
        for index in position + 2..<position + 6 {
            guard let digit = bytes[index].hexDigitValue else { throw failure(.noHexadecimalDigits) }
            number = number << 4 | UInt32(digit)
        }
        position += 6
        return number
    }
}
