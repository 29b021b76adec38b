import WippyText
import WippyValues

extension GoLayout {
    /// The error for a text that does not have the layout's form.
    struct ParsingError: Error {
        let problem: String
    }

    /// Reads a time that is written in this form.
    ///
    /// - Parameter zone: the zone of the time if the text does not name one.
    func parse(_ text: [UInt8], zone: ZoneRules) throws(ParsingError) -> LuaTime {
        var reader = TimeReader(text: text)
        for (index, element) in elements.enumerated() {
            var nextIsFraction = false
            if index + 1 < elements.count, case .fraction = elements[index + 1] { nextIsFraction = true }
            guard reader.read(element, nextIsFraction: nextIsFraction) else {
                let rest = String(decoding: text[min(reader.index, text.count)...], as: UTF8.self)
                throw ParsingError(
                    problem: "parsing time \"\(String(decoding: text, as: UTF8.self))\": cannot parse \"\(rest)\"")
            }
        }
        guard reader.index == text.count else {
            throw ParsingError(
                problem: "parsing time: extra text: \"\(String(decoding: text[reader.index...], as: UTF8.self))\"")
        }
        return try reader.time(in: zone)
    }
}

/// The parts of a time that have been read so far.
private struct TimeReader {
    let text: [UInt8]
    var index = 0
    private var year = 0
    private var month: Int?
    private var day: Int?
    private var dayOfYear: Int?
    private var hour = 0
    private var isAfternoon: Bool?
    private var minute = 0
    private var second = 0
    private var nanosecond = 0
    private var zone: ZoneRules?
    private var abbreviation: String?

    init(text: [UInt8]) {
        self.text = text
    }

    private var byte: UInt8? { index < text.count ? text[index] : nil }

    private func isDigit(at index: Int) -> Bool {
        index < text.count && text[index].isDigit
    }

    /// Reads a number with at least `least` digits and at most `most` digits.
    private mutating func number(_ least: Int, _ most: Int) -> Int? {
        var number = 0
        var count = 0
        while count < most, isDigit(at: index) {
            number = number * 10 + Int(text[index] - UInt8(ascii: "0"))
            index += 1
            count += 1
        }
        return count >= least ? number : nil
    }

    private mutating func number(_ least: Int, _ most: Int, in range: ClosedRange<Int>) -> Int? {
        number(least, most).flatMap { range.contains($0) ? $0 : nil }
    }

    /// Reads one of several names, in upper or lower case.
    ///
    /// - Returns: the index of the name in the list.
    private mutating func name(_ names: [String], length: Int?) -> Int? {
        for (number, name) in names.enumerated() {
            let name = Array(name.utf8).prefix(length ?? .max)
            let candidate = text[min(index, text.count)...].prefix(name.count)
            if candidate.elementsEqual(name, by: { $0 | 0x20 == $1 | 0x20 }) {
                index += name.count
                return number
            }
        }
        return nil
    }

    mutating func read(_ element: GoLayout.Element, nextIsFraction: Bool) -> Bool {
        switch element {
        case .text(let bytes):
            guard text[min(index, text.count)...].starts(with: bytes) else { return false }
            index += bytes.count
            return true
        case .longMonth: return take(&month, name(LuaTime.months, length: nil).map { $0 + 1 })
        case .month: return take(&month, name(LuaTime.months, length: 3).map { $0 + 1 })
        case .monthNumber: return take(&month, number(1, 2, in: 1...12))
        case .paddedMonth: return take(&month, number(2, 2, in: 1...12))
        case .longWeekday: return name(LuaTime.weekdays, length: nil) != nil
        case .weekday: return name(LuaTime.weekdays, length: 3) != nil
        case .day: return take(&day, number(1, 2, in: 1...31))
        case .spacedDay:
            if byte == 0x20 { index += 1 }
            return take(&day, number(1, 2, in: 1...31))
        case .paddedDay: return take(&day, number(2, 2, in: 1...31))
        case .spacedDayOfYear:
            while byte == 0x20 { index += 1 }
            return take(&dayOfYear, number(1, 3, in: 1...366))
        case .paddedDayOfYear: return take(&dayOfYear, number(3, 3, in: 1...366))
        case .hour: return take(&hour, number(1, 2, in: 0...23))
        case .hour12: return take(&hour, number(1, 2, in: 0...12))
        case .paddedHour12: return take(&hour, number(2, 2, in: 0...12))
        case .minute: return take(&minute, number(1, 2, in: 0...59))
        case .paddedMinute: return take(&minute, number(2, 2, in: 0...59))
        case .second, .paddedSecond:
            var least = 2
            if case .second = element { least = 1 }
            guard take(&second, number(least, 2, in: 0...59)) else { return false }
            // A fraction can follow the seconds even if the layout has none.
            if !nextIsFraction, byte == UInt8(ascii: ".") || byte == UInt8(ascii: ","), isDigit(at: index + 1) {
                return readFraction(digits: nil)
            }
            return true
        case .longYear: return take(&year, number(4, 4))
        case .year: return take(&year, number(2, 2).map { $0 >= 69 ? 1900 + $0 : 2000 + $0 })
        case .upperHalf, .lowerHalf: return take(&isAfternoon, name(["AM", "PM"], length: nil).map { $0 == 1 })
        case .zone: return readAbbreviation()
        case .offset(let zulu, let colon, let digits): return readOffset(zulu: zulu, colon: colon, digits: digits)
        case .fraction(let digits, let isTrimmed, _):
            guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: ","), isDigit(at: index + 1) else {
                return isTrimmed
            }
            return readFraction(digits: isTrimmed ? nil : digits)
        }
    }

    private func take<Value>(_ place: inout Value, _ value: Value?) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    private func take<Value>(_ place: inout Value?, _ value: Value?) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    private mutating func readFraction(digits: Int?) -> Bool {
        index += 1
        var place = 100_000_000
        var count = 0
        nanosecond = 0
        while isDigit(at: index), count < digits ?? .max {
            nanosecond += Int(text[index] - UInt8(ascii: "0")) * place
            place /= 10
            index += 1
            count += 1
        }
        return count == digits ?? count
    }

    private mutating func readAbbreviation() -> Bool {
        let rest = text[min(index, text.count)...]
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
            return readOffset(zulu: false, colon: false, digits: 2)
        }
        let letters = rest.prefix { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }
        guard 3...5 ~= letters.count else { return false }
        index += letters.count
        abbreviation = String(decoding: letters, as: UTF8.self)
        return true
    }

    private mutating func readOffset(zulu: Bool, colon: Bool, digits: Int) -> Bool {
        if zulu, byte == UInt8(ascii: "Z") {
            index += 1
            zone = .utc
            return true
        }
        guard let sign = byte, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return false }
        index += 1
        var seconds = 0
        for (place, unit) in [3600, 60, 1].prefix(digits / 2).enumerated() {
            if place > 0, colon {
                guard byte == UInt8(ascii: ":") else { return false }
                index += 1
            }
            guard let number = number(2, 2, in: 0...(place == 0 ? 24 : 59)) else { return false }
            seconds += number * unit
        }
        if sign == UInt8(ascii: "-") { seconds = -seconds }
        zone = seconds == 0 ? .utc : ZoneRules(name: "", seconds: seconds)
        return true
    }

    func time(in place: ZoneRules) throws(GoLayout.ParsingError) -> LuaTime {
        var (month, day) = (month ?? 1, day ?? 1)
        if let dayOfYear, self.month == nil, self.day == nil { (month, day) = (1, dayOfYear) }
        var isLastOfMonth = dayOfYear != nil
        for last in 28...31 where day <= last {
            let next = CalendarTime.days(year: year, month: month + 1, day: 1)
            isLastOfMonth = isLastOfMonth || CalendarTime.days(year: year, month: month, day: day) < next
        }
        guard isLastOfMonth else { throw .init(problem: "parsing time: day out of range") }
        var hour = hour
        if let isAfternoon { hour = hour % 12 + (isAfternoon ? 12 : 0) }
        var zone = zone ?? place
        if self.zone == nil, let abbreviation {
            // The abbreviation of the place's own zone is tried first. Any other name has no meaning.
            let local = CalendarTime.days(year: year, month: month, day: day) * 86_400
            let known = place.offset(at: place.second(ofLocal: local + hour * 3600)).abbreviation
            if abbreviation == "UTC" || abbreviation == "GMT" {
                zone = abbreviation == "UTC" ? .utc : ZoneRules(name: "GMT", seconds: 0)
            } else if !known.utf8.elementsEqual(abbreviation.utf8) {
                zone = ZoneRules(name: abbreviation, seconds: 0)
            }
        }
        if let offset = self.zone {
            // If the place has this offset at that moment, the result has the place's zone.
            let time = LuaTime(
                year: year, month: month, day: day,
                secondOfDay: LuaTime.secondOfDay(hour: hour, minute: minute, second: second), nanosecond: 0,
                zone: offset)
            let isOfPlace = place.offset(at: time.second).seconds == time.offset.seconds
            if isOfPlace, offset.name.isEmpty { zone = place }
        }
        return LuaTime(
            year: year, month: month, day: day,
            secondOfDay: LuaTime.secondOfDay(hour: hour, minute: minute, second: second), nanosecond: nanosecond,
            zone: zone)
    }
}
