import Glibc
import WippyText
import WippyThreads

/// The thread that writes log lines.
///
/// - Note: It is `@unchecked Sendable` because the creating thread does not use it after the start. Only the new
///   thread uses its mutable state.
final class LogWriterThread: @unchecked Sendable {
    private let queue: LogQueue
    private let format: LogFormat
    private let descriptor: Int32
    private let isRegularFile: Bool
    private var batch = LogQueue.Batch()

    /// Creates a thread that has not started, and duplicates the descriptor.
    init(queue: LogQueue, descriptor: Int32, format: LogFormat) throws(LogWriterError) {
        self.queue = queue
        self.format = format
        self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        guard self.descriptor >= 0 else { throw LogWriterError(action: "duplicate its descriptor", number: errno) }
        var status = stat()
        isRegularFile = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Starts the thread, which holds this object until it ends.
    func start() throws(LogWriterError) {
        do throws(SystemThreadError) {
            try SystemThread.start(name: "log", blocking: .all) { self.run() }
        } catch {
            throw LogWriterError(action: "start a thread", number: error.number)
        }
    }

    private func run() {
        var succeeds = true
        while true {
            if queue.take(&batch, reportsDrops: succeeds) {
                succeeds = writeBatch()
            } else if queue.isClosed {
                break
            } else {
                queue.wake.wait(within: .days(1))
                queue.wake.lower()
            }
        }
        queue.end()
    }

    /// Writes the batch; returns true if all of it was written.
    private func writeBatch() -> Bool {
        let lineBytes = batch.bytes.count
        if batch.droppedCount > 0 {
            let dropped = LogValue(batch.droppedCount)
            let record = LogRecord(
                time: .now, level: .warning, entry: nil, message: "log lines were dropped",
                metadata: ["dropped": dropped])
            format.append(record, to: &batch.bytes)
        }
        let written = writeAll()
        let isReported = written == batch.bytes.count
        let lostCount = written >= lineBytes ? 0 : countLineFeeds(written..<lineBytes)
        queue.finish(batch, lostCount: lostCount, isReported: isReported)
        return isReported
    }

    private func countLineFeeds(_ range: Range<Int>) -> Int {
        batch.bytes[range].count { $0 == UInt8(ascii: "\n") }
    }

    /// Writes the batch piece by piece; returns the number of bytes that were written before an error or the end.
    private func writeAll() -> Int {
        var position = 0
        while position < batch.bytes.count {
            guard waitUntilWritable() else { break }
            let end = pieceEnd(from: position)
            let count = unsafe batch.bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: position), end - position)
            }
            if count > 0 {
                position += count
            } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                break
            }
        }
        return position
    }

    /// Returns the index at which the next write ends.
    ///
    /// A pipe that is ready takes 4,096 bytes (PIPE_BUF) in one piece, without blocking. So each write has whole
    /// lines within that size, and the lines of other processes on the same pipe come between these lines.
    private func pieceEnd(from position: Int) -> Int {
        let maxPieceBytes = 4096
        guard !isRegularFile, batch.bytes.count - position > maxPieceBytes else { return batch.bytes.count }
        let end = position + maxPieceBytes
        let lineFeed = batch.bytes[position..<end].lastIndex(of: UInt8(ascii: "\n"))
        return lineFeed.map { $0 + 1 } ?? end
    }

    /// Waits until the descriptor takes bytes, or refuses them permanently.
    ///
    /// - Returns: false if the queue is closed and the descriptor does neither.
    private func waitUntilWritable() -> Bool {
        while true {
            let isClosed = queue.isClosed
            var requests: InlineArray<2, pollfd> = [
                pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: queue.wake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            var span = requests.mutableSpan
            let count = unsafe span.withUnsafeMutableBufferPointer { unsafe poll($0.baseAddress, 2, isClosed ? 0 : -1) }
            if count < 0, errno != EINTR { return true }
            if requests[0].revents != 0 { return true }
            if isClosed { return false }
            queue.wake.lower()
        }
    }
}
