extension JSONReader {
    /// The parts of a number, whose form has been checked.
    private struct NumberParts {
        var isNegative: Bool
        /// The range of the digits before and after the point, including the point.
        var digits: Range<Int>
        var digitCount: Int
        /// All digits as one number, which wraps around if there are more than 19 digits.
        var mantissa: UInt64
        var fractionDigitCount: Int
        /// The written exponent, limited to ±10^15.
        ///
        /// No text is long enough to bring a larger exponent back into range.
        var exponent: Int
    }

    /// Reads the number that begins at the current position.
    mutating func number(_ bytes: Span<UInt8>) throws(Failure) -> JSONNumber {
        let start = position
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let digitsStart = position
        var mantissa: UInt64 = 0
        try digits(bytes, into: &mantissa)
        var count = position - digitsStart
        guard count == 1 || bytes[digitsStart] != UInt8(ascii: "0") else {
            throw Failure(rule: .leadingZero, offset: digitsStart)
        }
        let next = position < bytes.count ? bytes[position] : 0
        if next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e"),
            let whole = wholeNumber(mantissa, isNegative: isNegative, digits: bytes.extracting(digitsStart..<position))
        {
            return whole
        }
        var fractionDigitCount = 0
        if next == UInt8(ascii: ".") {
            position += 1
            let fractionStart = position
            try digits(bytes, into: &mantissa)
            fractionDigitCount = position - fractionStart
            count += fractionDigitCount
        }
        let digitsEnd = position
        let parts = NumberParts(
            isNegative: isNegative, digits: digitsStart..<digitsEnd, digitCount: count, mantissa: mantissa,
            fractionDigitCount: fractionDigitCount, exponent: try exponent(bytes))
        let float = float(parts, bytes)
        guard float.isFinite else { throw Failure(rule: .numberTooLarge, offset: start) }
        return .float(float)
    }

    /// Reads one or more digits.
    @inline(__always)
    private mutating func digits(_ bytes: Span<UInt8>, into mantissa: inout UInt64) throws(Failure) {
        let start = position
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            position += 1
        }
        guard position > start else { throw failure(.noDigit) }
    }

    /// Returns the whole number of these digits; nil if it does not fit in 64 bits.
    private func wholeNumber(_ mantissa: UInt64, isNegative: Bool, digits: Span<UInt8>) -> JSONNumber? {
        if isNegative {
            guard digits.count <= 19, mantissa <= Int.min.magnitude else { return nil }
            return .integer(Int(truncatingIfNeeded: 0 &- mantissa))
        }
        // If 20 digits begin with 1 and need more than 64 bits, the mantissa has wrapped around to fewer digits.
        let isWhole =
            digits.count < 20
            || (digits.count == 20 && digits[0] == UInt8(ascii: "1") && mantissa >= 10_000_000_000_000_000_000)
        guard isWhole else { return nil }
        return Int(exactly: mantissa).map(JSONNumber.integer) ?? .unsigned(mantissa)
    }

    /// Reads the exponent; 0 if the text has none.
    private mutating func exponent(_ bytes: Span<UInt8>) throws(Failure) -> Int {
        guard position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") else { return 0 }
        position += 1
        var isNegative = false
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
            isNegative = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        let start = position
        var exponent = 0
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            exponent = min(exponent * 10 + Int(digit), 1_000_000_000_000_000)
            position += 1
        }
        guard position > start else { throw failure(.noDigit) }
        return isNegative ? -exponent : exponent
    }

    /// Returns the nearest float, which is infinite if the number is out of range.
    private func float(_ parts: NumberParts, _ bytes: Span<UInt8>) -> Double {
        let scale = parts.exponent - parts.fractionDigitCount
        if parts.digitCount <= 19, parts.mantissa <= 1 << 53, let power = PowerOfTen.exact(scale.magnitude) {
            // Both numbers are exact, so the single operation rounds to the nearest float.
            let magnitude = scale < 0 ? Double(parts.mantissa) / power : Double(parts.mantissa) * power
            return parts.isNegative ? -magnitude : magnitude
        }
        let magnitude = longFloat(parts, bytes, scale: scale)
        return parts.isNegative ? -magnitude : magnitude
    }

    /// Returns the nearest float for any number of digits, with the standard library's conversion.
    ///
    /// To distinguish a float from its neighbours, 767 significant digits are enough, if it is known whether another
    /// digit follows. So the conversion gets a limited number of digits, even for a longer text.
    private func longFloat(_ parts: NumberParts, _ bytes: Span<UInt8>, scale: Int) -> Double {
        let maxDigits = 800
        var scale = scale
        var text: [UInt8] = []
        var losesDigits = false
        for index in parts.digits where bytes[index] != UInt8(ascii: ".") {
            let digit = bytes[index]
            if text.count < maxDigits {
                if !text.isEmpty || digit != UInt8(ascii: "0") { text.append(digit) }
            } else {
                scale += 1
                losesDigits = losesDigits || digit != UInt8(ascii: "0")
            }
        }
        guard !text.isEmpty else { return 0 }
        if losesDigits {
            text.append(UInt8(ascii: "1"))
            scale -= 1
        }
        text.append(UInt8(ascii: "e"))
        text.append(contentsOf: min(max(scale, -10_000), 10_000).description.utf8)
        return Double(String(decoding: text, as: UTF8.self)) ?? .infinity
    }
}

/// The powers of ten that a float represents exactly.
private enum PowerOfTen {
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// Ten to an exponent from 0 to 22; nil for a higher exponent.
    static func exact(_ exponent: UInt) -> Double? {
        exponent <= 22 ? powers[Int(exponent)] : nil
    }
}
