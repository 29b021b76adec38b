import WippyDefinition
import WippyText

/// Regular expressions of ECMA 262 for the texts of fields.
enum SchemaPatterns {
    /// A value from outside: the text of a file, or a text with a variable.
    static let external = "^file://|(^|[^$])\\$\\{(env:|[A-Z0-9_]+\\|)[^}]*\\}"

    /// An id: `namespace:name`, or a name alone.
    ///
    /// No part is blank.
    static let id = "^[^:]*[^:\\s][^:]*(:[\\s\\S]*\\S[\\s\\S]*)?$"

    /// A text that is not blank.
    static let word = "\\S"

    /// A namespace.
    static let namespace = "^[^:]*[^:\\s][^:]*$"

    /// Returns the pattern of durations.
    ///
    /// The range of a duration in several parts, such as `1h30m`, is not checked, because a pattern cannot add.
    static func durations(in range: ClosedRange<Duration>) -> String {
        let units = Duration.units.map(\.name).joined(separator: "|")
        let sign = range.lowerBound < .zero ? "[-+]?" : "\\+?"
        let number = "([0-9]+\\.?[0-9]*|\\.[0-9]+)"
        let part = "\(number)(\(units))"
        guard range != Duration.all else { return "^\(sign)(0|(\(part))+)$" }
        let (lowest, most) = (
            Int64(max(range.lowerBound.wholeNanoseconds, 0)), Int64(range.upperBound.wholeNanoseconds)
        )
        let single = Duration.units.flatMap { name, size in
            let least = lowest / size + (lowest % size > 0 ? 1 : 0)
            let whole = digits(from: least, through: most / size).map { "0*(\($0))(\\.[0-9]*)?\(name)" }
            return (least > 0 ? ["0*\(least - 1)\\.[0-9]+\(name)"] : []) + (whole.map { [$0] } ?? [])
        }
        let zero = range.contains(.zero) ? ["0"] : []
        let others = ["\\.[0-9]+(\(units))", "\(part)(\(part))+"]
        let negativeZero = range.lowerBound == .zero ? "|^-0+(\(units))?$" : ""
        return "^\(sign)(\((zero + single + others).joined(separator: "|")))$" + negativeZero
    }

    /// Returns the exact pattern of sizes in a range.
    static func sizes(in range: ClosedRange<ByteCount>) -> String {
        let (least, most) = (range.lowerBound.bytes, range.upperBound.bytes)
        let units = ByteCount.units.compactMap { name, size in
            digits(from: Int64(least / size + (least % size > 0 ? 1 : 0)), through: Int64(most / size))
                .map { "(\($0)) *\(name)" }
        }
        return range == ByteCount.all
            ? "^[0-9]+ *(\(ByteCount.units.map(\.0).joined(separator: "|")))$" : "^0*(\(units.joined(separator: "|")))$"
    }

    /// Returns a text with escapes, as a part of a pattern that matches exactly the text.
    static func literal(_ text: String) -> String {
        text.unicodeScalars.map { ".*+?^${}()|[]\\/".unicodeScalars.contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    /// Returns the pattern of one of several words, in upper or lower case.
    static func ignoringCase(_ words: [String]) -> String {
        let words = words.map { word in
            word.unicodeScalars.map { scalar in
                let (upper, lower) = (String(scalar).uppercasedASCII, String(scalar).lowercasedASCII)
                return upper == lower ? upper : "[\(upper)\(lower)]"
            }.joined()
        }
        return "^(\(words.joined(separator: "|")))$"
    }

    /// Returns the pattern of the whole numbers of a range that begins at zero or above; nil for an empty range.
    ///
    /// The range is divided where the set of free last digits changes. For example, 34 through 1200 is 3[4-9], [4-9]?,
    /// ???, 1[01]?? and 1200.
    static func digits(from lowest: Int64, through highest: Int64) -> String? {
        var pieces: [String] = []
        var least = lowest
        while least <= highest {
            if let (piece, most) = wholeLengths(from: least, through: highest) {
                pieces.append(piece)
                least = most + 1
                continue
            }
            var step = Int64(1)
            // The largest number of last digits that take all their values.
            while least > 0, least % (step * 10) == 0, step < Int64.max / 100,
                highest - least >= step * 10 - 1
            {
                step *= 10
            }
            // The number of such steps that the digit before them allows.
            let free = 9 - least / step % 10
            let fitting = (highest - least - (step - 1)) / step
            let most = least + (min(free, fitting) * step + (step - 1))
            pieces.append(piece(least, most, free: String(step).count - 1))
            guard most < Int64.max else { break }
            least = most + 1
        }
        return pieces.isEmpty ? nil : pieces.joined(separator: "|")
    }

    /// Returns the pattern of all numbers with one or more lengths, from a power of ten; nil if the range does not
    /// contain all numbers of the first length.
    private static func wholeLengths(from least: Int64, through most: Int64) -> (piece: String, most: Int64)? {
        guard String(least).dropFirst().allSatisfy({ $0 == "0" }), least > 0, String(least).first == "1" else {
            return nil
        }
        let length = String(least).count
        let longest = String(most).count - (String(most).allSatisfy { $0 == "9" } ? 0 : 1)
        guard longest >= length else { return nil }
        let nines = Int64(String(repeating: "9", count: longest)) ?? most
        return ("[1-9][0-9]{\(length - 1),\(longest - 1)}", nines)
    }

    /// Returns the pattern of the numbers between two numbers that differ in one digit.
    ///
    /// The digits after it are free.
    private static func piece(_ least: Int64, _ most: Int64, free: Int) -> String {
        let (low, high) = (String(least).dropLast(free), String(most).dropLast(free))
        let head = low.dropLast()
        let (first, last) = (low.suffix(1), high.suffix(1))
        let digit = first == last ? String(first) : "[\(first)-\(last)]"
        return head + digit + (free == 0 ? "" : free == 1 ? "[0-9]" : "[0-9]{\(free)}")
    }
}
