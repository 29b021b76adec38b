import Glibc

/// A moment on the wall clock, in nanoseconds since the beginning of 1970 in UTC.
public struct LogTime: Sendable, Hashable {
    /// Whole seconds; negative before 1970.
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
}
