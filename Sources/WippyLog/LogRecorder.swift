import Synchronization

/// Keeps log lines in memory, for tests and for programs that show them.
public final class LogRecorder: LogSink {
    private let kept = Mutex<[LogRecord]>([])
    private let maxRecords: Int

    /// Creates a recorder.
    ///
    /// - Parameter maxRecords: the largest number of lines that ``records`` returns. A number below 1 counts as 1.
    ///   Default: 10,000.
    public init(maxRecords: Int = 10_000) {
        self.maxRecords = max(maxRecords, 1)
    }

    /// Keeps a line, and drops the oldest lines if there are too many.
    public func write(_ record: LogRecord) {
        kept.withLock { records in
            records.append(record)
            // Old records are dropped in large groups, so that each record is moved once and not at every line.
            if records.count / 2 >= maxRecords { records.removeFirst(records.count - maxRecords) }
        }
    }

    /// The kept lines, the oldest first.
    public var records: [LogRecord] {
        kept.withLock { Array($0.suffix(maxRecords)) }
    }

    /// The messages of the kept lines, the oldest first.
    public var messages: [String] {
        records.map(\.message)
    }
}
