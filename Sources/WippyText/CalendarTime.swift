/// A moment in the parts in which people write it, in UTC and the Gregorian calendar.
package struct CalendarTime: Sendable, Equatable {
    /// The year, 0 through 9999.
    package let year: Int
    /// The month, 1 through 12.
    package let month: Int
    /// The day of the month, from 1.
    package let day: Int
    /// Days since the last Thursday: 0 through 6.
    package let daysSinceThursday: Int
    /// The hour, 0 through 23.
    package let hour: Int
    /// The minute.
    package let minute: Int
    /// The second.
    package let second: Int

    /// A moment in seconds since the beginning of 1970; outside of the years 0 through 9999, which the usual forms of a
    /// date cannot write, the nearest one inside.
    ///
    /// It counts in eras of 400 years that begin on the first of March, so that the leap day is the last of its year.
    package init(secondsSince1970 seconds: Int) {
        let seconds = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let (days, secondOfDay) = Self.divided(seconds, by: 86_400)
        let (era, dayOfEra) = Self.divided(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        daysSinceThursday = Self.divided(days, by: 7).remainder
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
    }

    /// The quotient rounded down, and the remainder, which is never negative.
    private static func divided(_ number: Int, by divisor: Int) -> (quotient: Int, remainder: Int) {
        let remainder = number % divisor < 0 ? number % divisor + divisor : number % divisor
        return ((number - remainder) / divisor, remainder)
    }

    /// Appends the date as RFC 3339 writes it: `2026-11-24`.
    package func appendDate(to bytes: inout [UInt8]) {
        bytes.append(number: year, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(number: month, digits: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(number: day, digits: 2)
    }

    /// Appends the time of day: `04:15:58`.
    package func appendTimeOfDay(to bytes: inout [UInt8]) {
        bytes.append(number: hour, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(number: minute, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(number: second, digits: 2)
    }

    /// The moment as RFC 3339 writes it: `2026-11-24T04:15:58Z`.
    package var internetDate: String {
        var bytes: [UInt8] = []
        appendDate(to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendTimeOfDay(to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Appends the last digits of a number that is not negative, with zeros before it.
    package mutating func append(number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}
