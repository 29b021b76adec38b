import Glibc

/// The largest number of files and sockets that this process may have open at once: `ulimit -n`.
public enum OpenFileLimit {
    /// The current limit; `Int.max` if there is none.
    public static var current: Int {
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
}
