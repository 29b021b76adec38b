import Synchronization

/// Keeps log lines in memory, for tests and for programs that show them elsewhere.
public final class LogRecorder: LogSink {
    private let kept = Mutex<[LogRecord]>([])
    private let recordsMax: Int

    /// Creates a recorder with the largest number of lines that it keeps; a number below 1 counts as 1.
    public init(recordsMax: Int = 10_000) {
        self.recordsMax = max(recordsMax, 1)
    }

    /// Keeps a line.
    public func write(_ record: LogRecord) {
        kept.withLock { records in
            records.append(record)
            // Forgetting half a set at a time moves each record once and not at every line.
            if records.count >= recordsMax * 2 { records.removeFirst(records.count - recordsMax) }
        }
    }

    /// The kept lines, oldest first.
    public var records: [LogRecord] {
        kept.withLock { Array($0.suffix(recordsMax)) }
    }

    /// The messages of the kept lines, oldest first.
    public var messages: [String] {
        records.map(\.message)
    }
}
