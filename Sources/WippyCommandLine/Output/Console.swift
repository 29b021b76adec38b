import Glibc
import WippySystem

/// Writes the results of commands to standard output, and messages for the user to standard error.
public enum Console {
    /// The error for standard output that cannot be written.
    public struct OutputFailure: Error, CustomStringConvertible {
        let number: Int32

        /// The sentence that tells the user what is wrong.
        public var description: String { "cannot write to standard output: \(SystemError.words(for: number))" }
    }

    /// Writes a line to standard output, and waits until it can be written.
    ///
    /// - Parameters:
    ///   - line: the line, or several lines.
    ///   - terminator: the text after the line. Default: a line end.
    /// - Throws: ``OutputFailure``, for example if nobody reads the output any more.
    public static func out(_ line: String, terminator: String = "\n") throws(OutputFailure) {
        let outcome = write(line + terminator, to: STDOUT_FILENO, maxWaiting: -1)
        if case .failed(let number) = outcome { throw OutputFailure(number: number) }
    }

    /// Writes a line to standard error.
    ///
    /// If nothing is read for half a second, the rest of the text is lost.
    public static func error(_ line: String) {
        _ = write(line + "\n", to: STDERR_FILENO, maxWaiting: 500)
    }

    /// True if standard output is a terminal that shows colors.
    static var outShowsColors: Bool { showsColors(STDOUT_FILENO) }

    /// True if standard error is a terminal that shows colors.
    static var errorShowsColors: Bool { showsColors(STDERR_FILENO) }

    private static func showsColors(_ descriptor: Int32) -> Bool {
        unsafe isatty(descriptor) == 1 && getenv("NO_COLOR") == nil
    }

    private enum Outcome {
        case written
        /// The other end read nothing for the allowed time.
        case timedOut
        case failed(Int32)
    }

    /// Writes all of a text.
    ///
    /// - Parameter maxWaiting: the longest time in milliseconds in which the other end may read nothing; -1 for no
    ///   limit.
    private static func write(_ text: String, to descriptor: Int32, maxWaiting: Int32) -> Outcome {
        var text = text
        return text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                let ready = unsafe poll(&request, 1, maxWaiting)
                if ready == 0 { return .timedOut }
                if ready < 0, errno == EINTR { continue }
                // A ready pipe accepts this number of bytes without waiting.
                let count = min(bytes.count - written, Int(PIPE_BUF))
                let piece = unsafe bytes.baseAddress.map { unsafe UnsafeRawPointer($0 + written) }
                let taken = unsafe writePiece(piece, count, to: descriptor)
                if taken < 0, errno == EINTR || errno == EAGAIN { continue }
                guard taken > 0 else { return .failed(taken < 0 ? errno : EIO) }
                written += taken
            }
            return .written
        }
    }

    /// Writes to a socket without waiting; writes to anything else in the usual way.
    private static func writePiece(_ piece: UnsafeRawPointer?, _ count: Int, to descriptor: Int32) -> Int {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let sent = unsafe send(descriptor, piece, count, flags)
        return unsafe sent < 0 && errno == ENOTSOCK ? Glibc.write(descriptor, piece, count) : sent
    }
}
