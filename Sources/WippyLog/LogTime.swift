import Glibc
import WippyText

/// A moment of the system's clock, for log lines.
public struct LogTime: Sendable, Hashable {
    /// The whole seconds since 1970 in UTC; negative for an earlier moment.
    public var seconds: Int
    /// The nanoseconds after the second, from 0 to 999,999,999.
    public var nanoseconds: Int

    /// Creates a moment.
    ///
    /// - Parameters:
    ///   - seconds: the whole seconds since 1970 in UTC.
    ///   - nanoseconds: the nanoseconds after the second, from 0 to 999,999,999. Default: 0.
    public init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The current moment.
    public static var now: LogTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    /// Appends the moment in UTC with milliseconds, in the form of RFC 3339: `2026-11-24T04:15:58.123Z`.
    ///
    /// RFC 3339 cannot write a time outside the years 0 to 9999. Such a time becomes the nearest second in this
    /// range.
    func appendUTC(to bytes: inout [UInt8]) {
        let time = CalendarTime(secondsSince1970: seconds)
        time.appendDate(to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        time.appendTimeOfDay(to: &bytes)
        appendMilliseconds(to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends the time of day in the time zone of the process, with milliseconds: `05:15:58.123`.
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
