import Glibc
import WippyText

/// The `Date` line of responses (RFC 9110, section 5.6.7), which changes once a second.
struct HTTPDate {
    /// `Date: Sun, 06 Nov 1994 08:49:37 GMT` and the line's end.
    private(set) var line: [UInt8]
    private var second: Int

    /// Creates the line for a time in seconds since 1970.
    init(second: Int) {
        self.second = second
        line = Self.line(second)
    }

    /// Creates the line for now.
    init() {
        self.init(second: Self.now)
    }

    /// Updates the line to the current second.
    mutating func refresh() {
        let now = Self.now
        guard now != second else { return }
        self = Self(second: now)
    }

    private static var now: Int {
        time(nil)
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func line(_ second: Int) -> [UInt8] {
        let time = CalendarTime(secondsSince1970: second)
        var line = Array("Date: \(days[time.daysSinceThursday]), ".utf8)
        line.append(number: time.day, digits: 2)
        line += " \(months[time.month - 1]) ".utf8
        line.append(number: time.year, digits: 4)
        line.append(UInt8(ascii: " "))
        time.appendTimeOfDay(to: &line)
        line += " GMT\r\n".utf8
        return line
    }
}
