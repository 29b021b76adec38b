/// A length of time as Go and wippy write it, in nanoseconds: `1h30m`, `1.5s`, `100ms`.
enum GoDuration {
    private static let units: [(name: String, nanoseconds: Int)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// Reads a text: numbers with units, with one sign before them; `0` needs no unit.
    static func parse(_ text: String) -> Int? {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        if rest.elementsEqual("0".utf8) { return 0 }
        guard !rest.isEmpty else { return nil }
        var total = 0
        while !rest.isEmpty {
            guard let part = parsePart(&rest) else { return nil }
            let (sum, isTooLarge) = total.addingReportingOverflow(part)
            guard !isTooLarge else { return nil }
            total = sum
        }
        return isNegative ? -total : total
    }

    private static func parsePart(_ rest: inout ArraySlice<UInt8>) -> Int? {
        func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let name = rest.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(name.count)
        guard let unit = units.first(where: { name.elementsEqual($0.name.utf8) })?.nanoseconds,
            let number = whole.isEmpty ? 0 : Int(String(decoding: whole, as: UTF8.self))
        else { return nil }
        let (product, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        var part = 0
        var place = unit
        for digit in fraction {
            place /= 10
            part += Int(digit - UInt8(ascii: "0")) * place
            // Digits of an hour go on below its tenths.
            if place == 0 { break }
        }
        let (sum, isPast) = product.addingReportingOverflow(part)
        return isTooLarge || isPast ? nil : sum
    }

    /// `1h30m0s`, `1.5s`, `100ms`, `0s`.
    static func text(of nanoseconds: Int) -> String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch magnitude {
        case 0: return "0s"
        case ..<1000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return sign + decimal(magnitude, 1000) + "µs"
        case ..<1_000_000_000: return sign + decimal(magnitude, 1_000_000) + "ms"
        default:
            let (minutes, rest) = magnitude.quotientAndRemainder(dividingBy: 60_000_000_000)
            let seconds = decimal(rest, 1_000_000_000) + "s"
            if minutes == 0 { return sign + seconds }
            return sign + (minutes >= 60 ? "\(minutes / 60)h" : "") + "\(minutes % 60)m" + seconds
        }
    }

    private static func decimal(_ number: UInt, _ unit: UInt) -> String {
        let (whole, rest) = number.quotientAndRemainder(dividingBy: unit)
        guard rest > 0 else { return String(whole) }
        var digits = String(rest + unit).dropFirst()
        while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
