import Glibc

/// Texts for the error numbers of the operating system.
public enum SystemError {
    /// Returns the system's text for an error number.
    ///
    /// If too many files are open, the text includes the limit and its name, `ulimit -n`.
    public static func words(for number: Int32) -> String {
        guard number != EMFILE else {
            return "too many open files; the limit is \(OpenFileLimit.current) (ulimit -n)"
        }
        guard let words = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: words)
    }
}
