import Glibc
import WippyText

/// A flag that one thread raises and another one waits for.
///
/// It has a descriptor, so that a thread can wait for it and for other descriptors at once.
final class LogSignal: Sendable {
    /// The descriptor, which is readable while the flag is up.
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

    /// Returns the same end of the pipe with a number above those of the standard streams.
    ///
    /// If standard error is closed, the pipe gets its number. Then the log would be written into the pipe.
    private static func aboveStandard(_ end: Int32) -> Int32 {
        guard end <= STDERR_FILENO else { return end }
        defer { Glibc.close(end) }
        return fcntl(end, F_DUPFD, STDERR_FILENO + 1)
    }

    deinit {
        Glibc.close(descriptor)
        Glibc.close(writingEnd)
    }

    /// Raises the flag, which stays up until it is lowered.
    func raise() {
        // If the pipe is full, the flag is up already.
        var byte: UInt8 = 1
        unsafe _ = Glibc.write(writingEnd, &byte, 1)
    }

    /// Lowers the flag.
    func lower() {
        var bytes: InlineArray<64, UInt8> = .init(repeating: 0)
        var span = bytes.mutableSpan
        unsafe span.withUnsafeMutableBytes { buffer in
            while unsafe read(descriptor, buffer.baseAddress, 64) == 64 {}
        }
    }

    /// Blocks the calling thread until the flag is up or the limit is over.
    func wait(within limit: Duration) {
        let clock = ContinuousClock()
        let deadline = clock.now + min(max(limit, .zero), .days(1))
        while true {
            let left = max(deadline - clock.now, .zero)
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = unsafe poll(&request, 1, Int32(left.wholeMilliseconds))
            guard count < 0, errno == EINTR else { return }
        }
    }
}
