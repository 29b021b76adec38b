import Glibc
import Synchronization
import WippySystem

/// Writes log lines to a descriptor, in batches, from its own thread.
///
/// A caller that logs never waits for the descriptor. If the buffer is full, the line is dropped and counted.
///
/// The descriptor is duplicated, so you can close your own. If the writer is released without ``close(within:)``, the
/// thread writes only the bytes that the descriptor takes at once, and ends.
public final class LogWriter: LogSink {
    private let queue: LogQueue
    private let format: LogFormat

    /// Creates a writer and starts its thread.
    ///
    /// - Parameters:
    ///   - descriptor: the descriptor to which the lines are written. Default: 2, standard error.
    ///   - format: the format of the lines.
    ///   - maxBufferBytes: the largest number of bytes in the buffer. A line that does not fit is dropped and
    ///     counted. Default: 1 MiB.
    /// - Throws: ``LogWriterError`` if the system refuses a descriptor or a thread.
    public init(
        to descriptor: Int32 = 2, format: LogFormat, maxBufferBytes: Int = 1 << 20
    ) throws {
        self.format = format
        queue = try LogQueue(maxBytes: maxBufferBytes)
        try LogWriterThread(queue: queue, descriptor: descriptor, format: format).start()
    }

    deinit {
        queue.close()
    }

    /// Puts a line into the buffer.
    ///
    /// If the buffer does not take it, the line is dropped and counted.
    public func write(_ record: LogRecord) {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        format.append(record, to: &line)
        queue.append(line)
    }

    /// The number of lines that were dropped or lost since the beginning.
    public var droppedCount: Int { queue.droppedCount }

    /// Waits until all earlier lines are written or lost.
    ///
    /// The call blocks the calling thread. Use it at the end of a program, when the thread has nothing else to do.
    ///
    /// - Parameter limit: the longest time to wait, from 0 to one day. A time outside the range counts as the nearest
    ///   allowed time. Default: 2 s.
    /// - Returns: true if all earlier lines are known to be written or lost.
    @discardableResult
    public func flush(within limit: Duration = .seconds(2)) -> Bool {
        queue.wait(for: .written, within: limit)
    }

    /// Waits as ``flush(within:)`` does, and ends the thread.
    ///
    /// Of the lines that remain, the thread writes only the bytes that the descriptor takes at once. Later lines are
    /// dropped. The call blocks the calling thread, for at most half a second longer than `limit`.
    ///
    /// - Parameter limit: the longest time to wait for the lines, as in ``flush(within:)``. Default: 2 s.
    /// - Returns: true if all earlier lines are known to be written or lost, and the thread has ended.
    @discardableResult
    public func close(within limit: Duration = .seconds(2)) -> Bool {
        let isFlushed = queue.wait(for: .written, within: limit)
        queue.close()
        // The thread ends at once, except if it is in a system call that blocks.
        let isEnded = queue.wait(for: .ended, within: .milliseconds(500))
        return isFlushed && isEnded
    }
}

/// The error of a log writer that gets no descriptor or no thread from the system.
public struct LogWriterError: Error, Hashable, CustomStringConvertible {
    /// The action that failed, such as "start a thread".
    public let action: String
    /// The system's error number.
    public let number: Int32

    /// The failed action and the system's reason.
    public var description: String {
        "the log could not \(action): \(SystemError.words(for: number))"
    }
}
