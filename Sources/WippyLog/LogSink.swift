/// What becomes of log lines: written by ``LogWriter``, kept by ``LogRecorder``, or whatever an embedding program
/// wants.
public protocol LogSink: Sendable {
    /// Takes one line; called from any thread, and expected to return at once.
    func write(_ record: LogRecord)
}

/// One line of the log.
public struct LogRecord: Sendable, Hashable {
    /// When the line was logged.
    public var time: LogTime
    /// How much it matters.
    public var level: LogLevel
    /// The id of the entry that speaks, or nil for the application itself.
    public var entry: String?
    /// What happened; the same words each time, the data beside it.
    public var message: String
    /// The data, attached and own.
    public var metadata: LogMetadata
    /// How wide its parts are as text, if it stands in a table.
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
