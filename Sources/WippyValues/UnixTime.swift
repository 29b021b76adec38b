import Glibc

/// The time of day, for storing and showing.
public enum UnixTime {
    /// Whole seconds since 1970, in UTC.
    public static var now: Int { milliseconds / 1000 }

    /// Milliseconds since 1970, in UTC.
    public static var milliseconds: Int { nanoseconds / 1_000_000 }

    /// Nanoseconds since 1970, in UTC.
    public static var nanoseconds: Int {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
