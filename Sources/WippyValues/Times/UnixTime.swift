import Glibc

/// The current time of the system's clock, to store and to show.
///
/// The clock may be set back, so do not measure durations with it.
public enum UnixTime {
    /// The whole seconds since 1970, in UTC.
    public static var now: Int { milliseconds / 1000 }

    /// The whole milliseconds since 1970, in UTC.
    public static var milliseconds: Int { nanoseconds / 1_000_000 }

    /// The nanoseconds since 1970, in UTC.
    public static var nanoseconds: Int {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
