import Glibc

/// The time of day, for what is stored and shown.
public enum UnixTime {
    /// Whole seconds since the beginning of 1970, in UTC.
    public static var now: Int {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec
    }
}
