#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How many files and sockets this process may have open at once: `ulimit -n`.
public enum OpenFileLimit {
    /// The limit that is in force now; `Int.max` for none.
    public static var current: Int {
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }

    /// The system's words for an error number; for too many open files with the limit, which says what to raise.
    public static func words(for number: Int32) -> String {
        guard number != EMFILE else { return "too many open files; the limit is \(current) (ulimit -n)" }
        guard let words = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: words)
    }

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif
}
