import Glibc
import Synchronization
import WippySystem

/// Writes log lines to a descriptor, in batches, from its own thread.
///
/// The caller only formats its line and puts it into a buffer of limited size. If the buffer is full, because the
/// reader of a pipe has stopped or the disk is slow, the line is dropped and counted. When there is room again, one
/// line says how many were dropped. No caller ever waits for the descriptor.
///
/// The descriptor is duplicated, so you can close your own. Without ``close(within:)`` the thread ends when the writer
/// is released; it then writes only what the descriptor takes at once.
public final class LogWriter: LogSink {
    private let queue: LogQueue
    private let format: LogFormat

    /// Begins to write.
    ///
    /// - Parameters:
    ///   - descriptor: where lines go; standard error by default.
    ///   - format: the format of the lines.
    ///   - bufferBytesMax: how many bytes may wait; 1 MiB by default. A line that does not fit is dropped and counted.
    /// - Throws: ``LogWriterError`` if the system refuses a descriptor or a thread.
    public init(
        to descriptor: Int32 = 2, format: LogFormat, bufferBytesMax: Int = 1 << 20
    ) throws {
        self.format = format
        queue = try LogQueue(bytesMax: bufferBytesMax)
        try LogWriterThread(queue: queue, descriptor: descriptor, format: format).start()
    }

    deinit {
        queue.close()
    }

    /// Puts a line into the buffer, or drops and counts it if there is no room.
    public func write(_ record: LogRecord) {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        format.append(record, to: &line)
        queue.append(line)
    }

    /// How many lines were dropped since the beginning.
    public var droppedCount: Int { queue.droppedCount }

    /// Waits until all earlier lines are written or lost.
    ///
    /// It blocks the calling thread, for at most `limit`.
    ///
    /// Use it at the end of a program, when nothing else runs on the thread. A negative limit counts as 0, an enormous
    /// one as a day.
    ///
    /// - Returns: whether no line waits any more.
    @discardableResult
    public func flush(within limit: Duration = .seconds(2)) -> Bool {
        queue.wait(for: .written, within: limit)
    }

    /// Waits as ``flush(within:)`` does, gives up the rest, and ends the thread.
    ///
    /// Later lines are dropped.
    ///
    /// - Returns: whether all lines were written or lost in time, and the thread has ended.
    @discardableResult
    public func close(within limit: Duration = .seconds(2)) -> Bool {
        let isFlushed = queue.wait(for: .written, within: limit)
        queue.close()
        // A thread that does not sit in a write ends at once.
        let isEnded = queue.wait(for: .ended, within: .milliseconds(500))
        return isFlushed && isEnded
    }
}

/// The system refused something that a log writer needs.
public struct LogWriterError: Error, Hashable, CustomStringConvertible {
    /// The request to the system.
    public let action: String
    /// The system's error number.
    public let number: Int32

    /// The request, and the system's reason.
    public var description: String {
        "the log could not \(action): \(SystemError.words(for: number))"
    }
}
