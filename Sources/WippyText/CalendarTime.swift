/// A moment as a date and a time of day, in UTC and the Gregorian calendar.
package struct CalendarTime: Sendable, Equatable {
    /// The year, from 0 to 9999.
    package let year: Int
    /// The month, from 1 to 12.
    package let month: Int
    /// The day of the month, from 1.
    package let day: Int
    /// The number of days since the last Thursday, from 0 to 6.
    package let daysSinceThursday: Int
    /// The hour, from 0 to 23.
    package let hour: Int
    /// The minute, from 0 to 59.
    package let minute: Int
    /// The second, from 0 to 59.
    package let second: Int

    /// Creates the time for a number of seconds since the beginning of 1970.
    ///
    /// A time outside the years 0 to 9999 becomes the nearest time in this range.
    package init(secondsSince1970 seconds: Int) {
        let seconds = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let (days, secondOfDay) = Self.divided(seconds, by: 86_400)
        // Eras of 400 years begin on March 1, so that a leap day is the last day of its year.
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

    /// Returns the quotient, rounded down, and the remainder, which is never negative.
    private static func divided(_ number: Int, by divisor: Int) -> (quotient: Int, remainder: Int) {
        let remainder = number % divisor < 0 ? number % divisor + divisor : number % divisor
        return ((number - remainder) / divisor, remainder)
    }

    /// Returns the number of days from the beginning of 1970 to a date in the proleptic Gregorian calendar.
    ///
    /// A month or a day outside its range continues into the neighbouring years or months. The limits, above and below
    /// zero, are a million years, 12 million months and 400 million days. A number beyond its limit counts as the
    /// limit.
    package static func days(year: Int, month: Int, day: Int) -> Int {
        func clamped(_ number: Int, _ bound: Int) -> Int { min(max(number, -bound), bound) }
        let (moreYears, monthFromZero) = divided(clamped(month, 12_000_000) - 1, by: 12)
        // Here, too, years begin in March.
        let year = clamped(year, 1_000_000) + moreYears - (monthFromZero < 2 ? 1 : 0)
        let (era, yearOfEra) = divided(year, by: 400)
        let dayOfYear = (153 * ((monthFromZero + 10) % 12) + 2) / 5
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468 + clamped(day, 400_000_000) - 1
    }

    /// The day of the year, from 1.
    package var dayOfYear: Int {
        Self.days(year: year, month: month, day: day) - Self.days(year: year, month: 1, day: 1) + 1
    }

    /// The weekday, from 0 (Sunday) to 6.
    package var weekday: Int { (daysSinceThursday + 4) % 7 }

    /// The number of the week by ISO 8601, from 1 to 53.
    ///
    /// A week begins on Monday. The first week contains January 4.
    package var week: Int {
        let thursday = CalendarTime(
            secondsSince1970: 86_400
                * (Self.days(year: year, month: month, day: day) - (weekday + 6) % 7 + 3))
        return (thursday.dayOfYear - 1) / 7 + 1
    }

    /// Appends the date in the form of RFC 3339: `2026-11-24`.
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

    /// The moment in the form of RFC 3339: `2026-11-24T04:15:58Z`.
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
    /// Appends the last digits of a number, with zeros before it if it is shorter.
    ///
    /// The number must not be negative.
    package mutating func append(number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}
