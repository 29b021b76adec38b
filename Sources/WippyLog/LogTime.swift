import Glibc
import WippyText

/// A moment of the wall clock, for log lines.
public struct LogTime: Sendable, Hashable {
    /// Whole seconds since 1970 in UTC; negative before.
    public var seconds: Int
    /// Nanoseconds after the second, 0 through 999,999,999.
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
        let time = CalendarTime(secondsSince1970: seconds)
        time.appendDate(to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        time.appendTimeOfDay(to: &bytes)
        appendMilliseconds(to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends the time of day where the process runs, with milliseconds: `05:15:58.123`.
    func appendLocalTimeOfDay(to bytes: inout [UInt8]) {
        var time = time_t(seconds)
        var parts = unsafe tm()
        unsafe localtime_r(&time, &parts)
        let local = CalendarTime(secondsSince1970: seconds + Int(unsafe parts.tm_gmtoff))
        local.appendTimeOfDay(to: &bytes)
        appendMilliseconds(to: &bytes)
    }

    private func appendMilliseconds(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "."))
        bytes.append(number: min(max(nanoseconds, 0), 999_999_999) / 1_000_000, digits: 3)
    }
}
