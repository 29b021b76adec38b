/// Receives log lines.
///
/// ``LogWriter`` writes them, ``LogRecorder`` keeps them, and an embedding program can do anything with them.
public protocol LogSink: Sendable {
    /// Receives one line. It is called from any thread, and must return at once.
    func write(_ record: LogRecord)
}

/// One line of the log.
public struct LogRecord: Sendable, Hashable {
    /// When the line was logged.
    public var time: LogTime
    /// How much it matters.
    public var level: LogLevel
    /// The id of the entry that logged; nil for the application itself.
    public var entry: String?
    /// The message: what happened, in words that do not change.
    public var message: String
    /// The data of the log and of the line.
    public var metadata: LogMetadata
    /// The widths of its columns as text, if it belongs to a table.
    public var columns: LogColumns?

    /// A line with all its parts.
    public init(time: LogTime, level: LogLevel, entry: String?, message: String, metadata: LogMetadata = [:]) {
        self.time = time
        self.level = level
        self.entry = entry
        self.message = message
        self.metadata = metadata
    }
}
