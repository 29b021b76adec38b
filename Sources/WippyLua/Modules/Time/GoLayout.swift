import WippyText
import WippyValues

/// A form of times, as in Go.
///
/// It is given as the reference time, `Mon Jan 2 15:04:05 MST 2006`, in that form.
struct GoLayout {
    /// A part of the layout.
    enum Element {
        case text([UInt8])
        case longMonth, month, monthNumber, paddedMonth
        case longWeekday, weekday
        case day, spacedDay, paddedDay, spacedDayOfYear, paddedDayOfYear
        case hour, hour12, paddedHour12
        case minute, paddedMinute, second, paddedSecond
        case longYear, year
        case upperHalf, lowerHalf
        case zone
        /// `-0700` and similar offsets.
        case offset(zulu: Bool, colon: Bool, digits: Int)
        /// A fraction of a second.
        ///
        /// A fraction that is given with nines loses the zeros at its end.
        case fraction(digits: Int, isTrimmed: Bool, separator: UInt8)
    }

    let elements: [Element]

    /// The patterns, longer ones before shorter ones.
    private static let patterns: [(text: String, element: Element)] = [
        ("January", .longMonth), ("Jan", .month), ("Monday", .longWeekday), ("Mon", .weekday), ("MST", .zone),
        ("002", .paddedDayOfYear), ("01", .paddedMonth), ("02", .paddedDay), ("03", .paddedHour12),
        ("04", .paddedMinute), ("05", .paddedSecond), ("06", .year), ("15", .hour), ("1", .monthNumber),
        ("2006", .longYear), ("2", .day), ("__2", .spacedDayOfYear), ("_2006", .text([UInt8(ascii: "_")])),
        ("_2", .spacedDay), ("3", .hour12), ("4", .minute), ("5", .second), ("PM", .upperHalf), ("pm", .lowerHalf),
        ("-07:00:00", .offset(zulu: false, colon: true, digits: 6)),
        ("-070000", .offset(zulu: false, colon: false, digits: 6)),
        ("-07:00", .offset(zulu: false, colon: true, digits: 4)),
        ("-0700", .offset(zulu: false, colon: false, digits: 4)),
        ("-07", .offset(zulu: false, colon: false, digits: 2)),
        ("Z07:00:00", .offset(zulu: true, colon: true, digits: 6)),
        ("Z070000", .offset(zulu: true, colon: false, digits: 6)),
        ("Z07:00", .offset(zulu: true, colon: true, digits: 4)),
        ("Z0700", .offset(zulu: true, colon: false, digits: 4)), ("Z07", .offset(zulu: true, colon: false, digits: 2)),
    ]

    init(_ layout: some Collection<UInt8>) {
        let layout = Array(layout)
        var elements: [Element] = []
        var text: [UInt8] = []
        var index = 0
        while index < layout.count {
            guard let (element, length) = Self.element(of: layout, at: index) else {
                text.append(layout[index])
                index += 1
                continue
            }
            if !text.isEmpty { elements.append(.text(text)) }
            text = []
            elements.append(element)
            index += length
        }
        if !text.isEmpty { elements.append(.text(text)) }
        self.elements = elements
    }

    private static func element(of layout: [UInt8], at index: Int) -> (Element, Int)? {
        let rest = layout[index...]
        if let fraction = fraction(of: layout, at: index) { return fraction }
        for (text, element) in patterns where rest.starts(with: text.utf8) {
            // `_2006` is an underscore and a year.
            if case .text = element { return (element, 1) }
            // "Janus" is not a month.
            if text == "Jan" || text == "Mon", let next = rest.dropFirst(3).first, next >= UInt8(ascii: "a"),
                next <= UInt8(ascii: "z")
            {
                continue
            }
            return (element, text.utf8.count)
        }
        return nil
    }

    /// Finds `.000` or `,999`, if no further digit follows.
    private static func fraction(of layout: [UInt8], at index: Int) -> (Element, Int)? {
        guard layout[index] == UInt8(ascii: ".") || layout[index] == UInt8(ascii: ","), index + 1 < layout.count else {
            return nil
        }
        let digit = layout[index + 1]
        guard digit == UInt8(ascii: "0") || digit == UInt8(ascii: "9") else { return nil }
        let digits = layout[(index + 1)...].prefix { $0 == digit }
        if let next = layout.dropFirst(index + 1 + digits.count).first, next.isDigit { return nil }
        let isTrimmed = digit == UInt8(ascii: "9")
        return (.fraction(digits: digits.count, isTrimmed: isTrimmed, separator: layout[index]), digits.count + 1)
    }

    /// Writes a time in this form.
    func text(of time: LuaTime) -> [UInt8] {
        let offset = time.offset
        let parts = CalendarTime(secondsSince1970: time.second + offset.seconds)
        let hour12 = parts.hour % 12 == 0 ? 12 : parts.hour % 12
        var text: [UInt8] = []
        for element in elements {
            switch element {
            case .text(let bytes): text += bytes
            case .longMonth: text += LuaTime.months[parts.month - 1].utf8
            case .month: text += LuaTime.months[parts.month - 1].utf8.prefix(3)
            case .monthNumber: text += String(parts.month).utf8
            case .paddedMonth: text.append(number: parts.month, digits: 2)
            case .longWeekday: text += LuaTime.weekdays[parts.weekday].utf8
            case .weekday: text += LuaTime.weekdays[parts.weekday].utf8.prefix(3)
            case .day: text += String(parts.day).utf8
            case .spacedDay: text += (parts.day < 10 ? " " : "").utf8 + Array(String(parts.day).utf8)
            case .paddedDay: text.append(number: parts.day, digits: 2)
            case .spacedDayOfYear:
                let day = String(parts.dayOfYear)
                text += [UInt8](repeating: 0x20, count: 3 - day.utf8.count) + Array(day.utf8)
            case .paddedDayOfYear: text.append(number: parts.dayOfYear, digits: 3)
            case .hour: text.append(number: parts.hour, digits: 2)
            case .hour12: text += String(hour12).utf8
            case .paddedHour12: text.append(number: hour12, digits: 2)
            case .minute: text += String(parts.minute).utf8
            case .paddedMinute: text.append(number: parts.minute, digits: 2)
            case .second: text += String(parts.second).utf8
            case .paddedSecond: text.append(number: parts.second, digits: 2)
            case .longYear: text.append(number: parts.year, digits: 4)
            case .year: text.append(number: parts.year, digits: 2)
            case .upperHalf: text += (parts.hour < 12 ? "AM" : "PM").utf8
            case .lowerHalf: text += (parts.hour < 12 ? "am" : "pm").utf8
            case .zone: text += offset.abbreviation.utf8
            case .offset(let zulu, let colon, let digits):
                if zulu, offset.seconds == 0 {
                    text.append(UInt8(ascii: "Z"))
                } else {
                    text += LuaTime.offsetText(offset.seconds, colon: colon).prefix(digits == 2 ? 3 : .max)
                    if digits == 6 {
                        if colon { text.append(UInt8(ascii: ":")) }
                        text.append(number: Int(offset.seconds.magnitude) % 60, digits: 2)
                    }
                }
            case .fraction(let digits, let isTrimmed, let separator):
                var fraction: [UInt8] = []
                fraction.append(number: time.nanosecond, digits: 9)
                if digits > 9 { fraction += [UInt8](repeating: UInt8(ascii: "0"), count: min(digits, 32) - 9) }
                fraction = Array(fraction.prefix(digits))
                if isTrimmed { while fraction.last == UInt8(ascii: "0") { fraction.removeLast() } }
                if !fraction.isEmpty { text += [separator] + fraction }
            }
        }
        return text
    }
}
