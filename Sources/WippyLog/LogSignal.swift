import Glibc

/// A flag that one thread raises and another waits for, as a descriptor, so that it can be waited for together with
/// others.
final class LogSignal: Sendable {
    /// Readable while the flag is up.
    let descriptor: Int32
    private let writingEnd: Int32

    init() throws(LogWriterError) {
        var ends: InlineArray<2, Int32> = [-1, -1]
        var span = ends.mutableSpan
        let status = unsafe span.withUnsafeMutableBufferPointer { buffer in
            guard let ends = buffer.baseAddress else { return Int32(-1) }
            return unsafe pipe(ends)
        }
        guard status == 0 else { throw LogWriterError(action: "make a pipe", number: errno) }
        (descriptor, writingEnd) = (Self.aboveStandard(ends[0]), Self.aboveStandard(ends[1]))
        for end in [descriptor, writingEnd] {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    /// The same end under a number of its own: where standard error is closed, the pipe got its number, and the log
    /// would be written into the pipe.
    private static func aboveStandard(_ end: Int32) -> Int32 {
        guard end <= STDERR_FILENO else { return end }
        defer { Glibc.close(end) }
        return fcntl(end, F_DUPFD, STDERR_FILENO + 1)
    }

    deinit {
        Glibc.close(descriptor)
        Glibc.close(writingEnd)
    }

    /// Raises the flag; it stays up until it is lowered.
    func raise() {
        // A pipe that is full is up already.
        var byte: UInt8 = 1
        unsafe _ = Glibc.write(writingEnd, &byte, 1)
    }

    /// Takes the flag down.
    func lower() {
        var bytes: InlineArray<64, UInt8> = .init(repeating: 0)
        var span = bytes.mutableSpan
        unsafe span.withUnsafeMutableBytes { buffer in
            while unsafe read(descriptor, buffer.baseAddress, 64) == 64 {}
        }
    }

    /// Blocks until the flag is up or the limit is over.
    func wait(within limit: Duration) {
        let clock = ContinuousClock()
        let deadline = clock.now + min(max(limit, .zero), .seconds(86_400))
        while true {
            let left = max(deadline - clock.now, .zero).components
            // Rounded up: a millisecond too long rather than a busy loop in the last one.
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = unsafe poll(&request, 1, Int32(milliseconds))
            guard count < 0, errno == EINTR else { return }
        }
    }
}
