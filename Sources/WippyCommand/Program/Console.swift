import Glibc
import WippySystem

/// Text for people: results on standard output, everything else on standard error.
enum Console {
    /// What a command has to say could not be written.
    struct OutputFailure: Error, CustomStringConvertible {
        let number: Int32

        var description: String { "standard output cannot be written: \(SystemError.words(for: number))" }
    }

    /// Writes a line to standard output and waits for its reader.
    static func out(_ line: String, terminator: String = "\n") throws(OutputFailure) {
        let outcome = write(line + terminator, to: STDOUT_FILENO, waitingMax: -1)
        if case .failed(let number) = outcome { throw OutputFailure(number: number) }
    }

    /// Writes a line to standard error; what its reader does not take within half a second is lost.
    static func error(_ line: String) {
        _ = write(line + "\n", to: STDERR_FILENO, waitingMax: 500)
    }

    /// Whether standard output is a terminal that shows colors.
    static var outShowsColors: Bool { showsColors(STDOUT_FILENO) }

    /// Whether standard error is a terminal that shows colors.
    static var errorShowsColors: Bool { showsColors(STDERR_FILENO) }

    private static func showsColors(_ descriptor: Int32) -> Bool {
        unsafe isatty(descriptor) == 1 && getenv("NO_COLOR") == nil
    }

    private enum Outcome {
        case written
        /// The other end took nothing for as long as it may.
        case timedOut
        case failed(Int32)
    }

    /// Writes all of a text.
    ///
    /// - Parameter waitingMax: how many milliseconds the other end may take nothing; -1 for no limit.
    private static func write(_ text: String, to descriptor: Int32, waitingMax: Int32) -> Outcome {
        var text = text
        return text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                let ready = unsafe poll(&request, 1, waitingMax)
                if ready == 0 { return .timedOut }
                if ready < 0, errno == EINTR { continue }
                // A pipe that is ready takes as much without waiting.
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

    /// Writes to a socket without waiting, and to anything else as it is.
    private static func writePiece(_ piece: UnsafeRawPointer?, _ count: Int, to descriptor: Int32) -> Int {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let sent = unsafe send(descriptor, piece, count, flags)
        return unsafe sent < 0 && errno == ENOTSOCK ? Glibc.write(descriptor, piece, count) : sent
    }
}
