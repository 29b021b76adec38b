import Glibc

/// Text for people: results on standard output, everything else on standard error.
enum Console {
    /// Writes a line to standard output.
    static func out(_ line: String, terminator: String = "\n") { write(line + terminator, to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    static func error(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    /// Whether standard output is a terminal that shows colours.
    static var outShowsColors: Bool { showsColors(STDOUT_FILENO) }

    /// Whether standard error is a terminal that shows colours.
    static var errorShowsColors: Bool { showsColors(STDERR_FILENO) }

    private static func showsColors(_ descriptor: Int32) -> Bool {
        unsafe isatty(descriptor) == 1 && getenv("NO_COLOR") == nil
    }

    /// Writes all of a text; what the other end does not take is lost.
    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = unsafe Glibc.write(
                    descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                written += count
            }
        }
    }
}
