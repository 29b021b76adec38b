import Glibc

/// The `Date` line of responses, made anew when the second has changed (RFC 9110, section 5.6.7).
struct HTTPDate {
    /// `Date: Sun, 06 Nov 1994 08:49:37 GMT` and the line's end.
    private(set) var line: [UInt8]
    private var second: Int

    /// The line for a moment, in seconds since 1970, from 1970 through 9999.
    init(second: Int) {
        self.second = second
        line = Self.line(second)
    }

    /// The line for now.
    init() {
        self.init(second: Self.now)
    }

    /// Makes the line that of the current second.
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
        let second = min(max(second, 0), 253_402_300_799)
        let (day, rest) = second.quotientAndRemainder(dividingBy: 86_400)
        let date = civil(day)
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map(twoDigits).joined(separator: ":")
        let text = "\(days[day % 7]), \(twoDigits(date.day)) \(months[date.month - 1]) \(date.year) \(time)"
        return Array("Date: \(text) GMT\r\n".utf8)
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    /// The date of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
    ///
    /// The year is taken to begin in March, so that the leap day is its last and months have a regular length.
    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
