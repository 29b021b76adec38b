import WippyText
import WippyValues

/// A moment, and the zone in which it is shown.
///
/// `time.now()` returns one.
final class LuaTime: Sendable {
    /// Whole seconds since 1970.
    let second: Int
    /// The nanoseconds after the whole second: 0 through 999,999,999.
    let nanosecond: Int
    let zone: ZoneRules

    init(second: Int, nanosecond: Int, zone: ZoneRules) {
        let (carry, rest) = Self.divided(nanosecond, by: 1_000_000_000)
        // Layouts can write the years 0 through 9999. Moments far beyond them are not exact.
        self.second = min(max(second, -1 << 55), 1 << 55) + carry
        self.nanosecond = rest
        self.zone = zone
    }

    convenience init(nanoseconds: Int, zone: ZoneRules) {
        self.init(second: 0, nanosecond: nanoseconds, zone: zone)
    }

    /// Creates the moment at which a zone shows a date and a time.
    ///
    /// Parts beyond their range carry over.
    convenience init(
        year: Int, month: Int, day: Int, secondOfDay: Int, nanosecond: Int, zone: ZoneRules
    ) {
        let local = CalendarTime.days(year: year, month: month, day: day) * 86_400 + secondOfDay
        self.init(second: zone.second(ofLocal: local), nanosecond: nanosecond, zone: zone)
    }

    /// The first moment of the year 1.
    ///
    /// It stands for a missing time.
    static let zeroSecond = -62_135_596_800

    /// The date and time that the zone shows.
    var parts: CalendarTime { CalendarTime(secondsSince1970: second + offset.seconds) }

    var offset: ZoneRules.Offset { zone.offset(at: second) }

    /// Nanoseconds since 1970.
    ///
    /// If the number needs more than 64 bits, it is the nearest number that fits.
    var nanoseconds: Int {
        let (product, isTooLarge) = second.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isPast) = product.addingReportingOverflow(nanosecond)
        return isTooLarge || isPast ? (second < 0 ? .min : .max) : sum
    }

    func adding(_ nanoseconds: Int) -> LuaTime {
        let (seconds, rest) = Self.divided(nanoseconds, by: 1_000_000_000)
        return LuaTime(second: second + seconds, nanosecond: nanosecond + rest, zone: zone)
    }

    func adding(years: Int, months: Int, days: Int) -> LuaTime {
        func clamped(_ number: Int) -> Int { min(max(number, -400_000_000), 400_000_000) }
        let parts = parts
        return LuaTime(
            year: parts.year + clamped(years), month: parts.month + clamped(months), day: parts.day + clamped(days),
            secondOfDay: Self.secondOfDay(hour: parts.hour, minute: parts.minute, second: parts.second),
            nanosecond: nanosecond, zone: zone)
    }

    /// Returns the time from another moment to this one, in nanoseconds.
    ///
    /// If the number needs more than 64 bits, it is the nearest number that fits.
    func since(_ other: LuaTime) -> Int {
        let (product, isTooLarge) = (second - other.second).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isPast) = product.addingReportingOverflow(nanosecond - other.nanosecond)
        return isTooLarge || isPast ? (second < other.second ? .min : .max) : sum
    }

    func inZone(_ zone: ZoneRules) -> LuaTime { LuaTime(second: second, nanosecond: nanosecond, zone: zone) }

    /// Returns the remainder of the time since the year 1, divided by a duration above zero.
    func remainder(by duration: Int) -> Int {
        let seconds = second - Self.zeroSecond
        let (high, low) = seconds.multipliedFullWidth(by: 1_000_000_000)
        let (sum, carry) = low.addingReportingOverflow(UInt(nanosecond))
        // The quotient may be too large for 64 bits, so its high part is divided first.
        let divisor = UInt(duration)
        let highRest = UInt(bitPattern: high + (carry ? 1 : 0)) % divisor
        return seconds < 0 ? 0 : Int(divisor.dividingFullWidth((highRest, sum)).remainder)
    }

    static func secondOfDay(hour: Int, minute: Int, second: Int) -> Int {
        func clamped(_ number: Int) -> Int { min(max(number, -1 << 40), 1 << 40) }
        return clamped(hour) * 3600 + clamped(minute) * 60 + clamped(second)
    }

    /// Returns the quotient, rounded down, and the remainder, which is never negative.
    static func divided(_ number: Int, by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// Returns the text of an offset, such as `+0200` or `+02:00`.
    static func offsetText(_ seconds: Int, colon: Bool) -> [UInt8] {
        var text = [seconds < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")]
        text.append(number: Int(seconds.magnitude) / 3600, digits: 2)
        if colon { text.append(UInt8(ascii: ":")) }
        text.append(number: Int(seconds.magnitude) / 60 % 60, digits: 2)
        return text
    }
}
