import Glibc

/// Texts for the error numbers of the operating system.
public enum SystemError {
    /// Returns the system's text for an error number.
    ///
    /// For `EMFILE`, the text includes the limit of open files and its name, `ulimit -n`.
    public static func words(for number: Int32) -> String {
        guard number != EMFILE else {
            return "too many open files; the limit is \(OpenFileLimit.current) (ulimit -n)"
        }
        guard let words = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: words)
    }
}
