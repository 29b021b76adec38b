import Glibc

/// A moment on the wall clock, as log lines carry it.
public struct LogTime: Sendable, Hashable {
    /// Whole seconds since the beginning of 1970 in UTC; negative before.
    public var seconds: Int
    /// Nanoseconds on top of the seconds, 0 through 999,999,999.
    public var nanoseconds: Int

    /// A moment from its parts.
    public init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The present moment.
    public static var now: LogTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    /// Appends the moment in UTC with milliseconds, as RFC 3339 writes it: `2026-11-24T04:15:58.123Z`.
    ///
    /// What lies outside of the years 0 through 9999, which RFC 3339 cannot write, is moved to the nearest second
    /// inside.
    func appendUTC(to bytes: inout [UInt8]) {
        let seconds = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let days = (seconds - LogTime.remainder(seconds, 86_400)) / 86_400
        let second = LogTime.remainder(seconds, 86_400)
        let (year, month, day) = LogTime.date(daysSince1970: days)
        LogTime.append(year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        LogTime.append(month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        LogTime.append(day, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendTimeOfDay(second / 3600, second / 60 % 60, second % 60, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends the time of day where the process runs, with milliseconds: `05:15:58.123`.
    func appendLocalTimeOfDay(to bytes: inout [UInt8]) {
        var time = time_t(seconds)
        var parts = unsafe tm()
        unsafe localtime_r(&time, &parts)
        unsafe appendTimeOfDay(Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec), to: &bytes)
    }

    private func appendTimeOfDay(_ hour: Int, _ minute: Int, _ second: Int, to bytes: inout [UInt8]) {
        LogTime.append(hour, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        LogTime.append(minute, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        LogTime.append(second, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        LogTime.append(min(max(nanoseconds, 0), 999_999_999) / 1_000_000, digits: 3, to: &bytes)
    }

    /// The date of a day in the Gregorian calendar.
    ///
    /// Counts in eras of 400 years that begin on the first of March, so that the leap day is the last of its year.
    private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let dayOfEra = remainder(shifted, 146_097)
        let era = (shifted - dayOfEra) / 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    /// The remainder that is never negative.
    private static func remainder(_ number: Int, _ divisor: Int) -> Int {
        let remainder = number % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }

    private static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}
