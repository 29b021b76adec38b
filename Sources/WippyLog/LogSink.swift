/// Receives log lines, as ``LogWriter`` and ``LogRecorder`` do.
public protocol LogSink: Sendable {
    /// Receives one line.
    ///
    /// This method is called from any thread, and must return at once.
    func write(_ record: LogRecord)
}

/// A line of the log.
public struct LogRecord: Sendable, Hashable {
    /// The time at which the line was logged.
    public var time: LogTime
    /// The importance of the line.
    public var level: LogLevel
    /// The id of the entry that logged; nil for the application itself.
    public var entry: String?
    /// The message, usually a fixed text that names the event.
    public var message: String
    /// The data of the log and of the line.
    public var metadata: LogMetadata
    /// The widths of the columns if the line belongs to a table; nil for any other line.
    public var columns: LogColumns?

    /// Creates a line.
    ///
    /// By default it has no metadata.
    public init(time: LogTime, level: LogLevel, entry: String?, message: String, metadata: LogMetadata = [:]) {
        self.time = time
        self.level = level
        self.entry = entry
        self.message = message
        self.metadata = metadata
    }
}
