import Glibc

/// The time of day, for what is stored and shown.
public enum UnixTime {
    /// Whole seconds since the beginning of 1970, in UTC.
    public static var now: Int { milliseconds / 1000 }

    /// Milliseconds since the beginning of 1970, in UTC.
    public static var milliseconds: Int {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
