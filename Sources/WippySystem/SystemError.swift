import Glibc

/// Errors of the operating system, by their numbers.
public enum SystemError {
    /// The system's text for an error number.
    ///
    /// For too many open files it includes the limit and what to raise.
    public static func words(for number: Int32) -> String {
        guard number != EMFILE else {
            return "too many open files; the limit is \(OpenFileLimit.current) (ulimit -n)"
        }
        guard let words = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: words)
    }
}
