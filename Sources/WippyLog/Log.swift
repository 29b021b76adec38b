/// Writes log lines, each with a message and the data of the event.
///
/// ```swift
/// context.log.info("migration complete", ["rows": 3, "table": "\(table)"])
/// ```
///
/// You can log from any thread.
public struct Log: Sendable {
    /// The lowest level that is written.
    public var level: LogLevel
    /// The receiver of the lines.
    public let sink: any LogSink
    /// The id of the entry that logs; nil for the application itself.
    public private(set) var entry: String?
    /// Data that is added to each line.
    ///
    /// If a line has data of its own with the same name, the line keeps its own.
    public private(set) var metadata: LogMetadata

    /// Creates a log that writes to a sink.
    ///
    /// - Parameters:
    ///   - sink: receives the lines.
    ///   - level: the lowest level that is written. Default: `info`.
    ///   - entry: the id of the entry that logs. Default: nil, the application itself.
    ///   - metadata: data that is added to each line. Default: none.
    public init(to sink: any LogSink, level: LogLevel = .info, entry: String? = nil, metadata: LogMetadata = [:]) {
        self.sink = sink
        self.level = level
        self.entry = entry
        self.metadata = metadata
    }

    /// A log that writes nothing.
    public static var silent: Log { Log(to: SilentLogSink(), level: .critical) }

    /// Returns a copy that adds more data to each line.
    public func with(_ metadata: LogMetadata) -> Log {
        var copy = self
        copy.metadata.merge(metadata)
        return copy
    }

    /// Returns a copy that logs for the entry with this id.
    public func with(entry: String) -> Log {
        var copy = self
        copy.entry = entry
        return copy
    }

    /// Writes a line, unless its level is below the log's ``level``.
    ///
    /// If its level is too low, neither the message nor the metadata is computed.
    ///
    /// - Parameters:
    ///   - level: the importance of the line.
    ///   - message: a fixed text that names the event.
    ///   - metadata: the data of the event. Default: none.
    @inlinable public func log(
        _ level: LogLevel, _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> LogMetadata = [:]
    ) {
        if level >= self.level {
            write(level, message(), metadata())
        }
    }

    /// Passes a line with all its metadata to the sink.
    @usableFromInline func write(_ level: LogLevel, _ message: String, _ own: LogMetadata) {
        write(level, message, own, nil)
    }

    func write(_ level: LogLevel, _ message: String, _ own: LogMetadata, _ columns: LogColumns?) {
        var record = LogRecord(time: .now, level: level, entry: entry, message: message, metadata: merged(with: own))
        record.columns = columns
        sink.write(record)
    }

    /// Returns the data of a line: the log's, and then the line's own.
    func merged(with own: LogMetadata) -> LogMetadata {
        var merged = metadata
        merged.merge(own)
        return merged
    }
}

extension Log {
    /// Logs at ``LogLevel/trace``.
    @inlinable public func trace(
        _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> LogMetadata = [:]
    ) {
        log(.trace, message(), metadata())
    }

    /// Logs at ``LogLevel/debug``.
    @inlinable public func debug(
        _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> LogMetadata = [:]
    ) {
        log(.debug, message(), metadata())
    }

    /// Logs at ``LogLevel/info``.
    @inlinable public func info(
        _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> LogMetadata = [:]
    ) {
        log(.info, message(), metadata())
    }

    /// Logs at ``LogLevel/notice``.
    @inlinable public func notice(
        _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> LogMetadata = [:]
    ) {
        log(.notice, message(), metadata())
    }

    /// Logs at ``LogLevel/warning``.
    @inlinable public func warning(
        _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> LogMetadata = [:]
    ) {
        log(.warning, message(), metadata())
    }

    /// Logs at ``LogLevel/error``.
    @inlinable public func error(
        _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> LogMetadata = [:]
    ) {
        log(.error, message(), metadata())
    }

    /// Logs at ``LogLevel/critical``.
    @inlinable public func critical(
        _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> LogMetadata = [:]
    ) {
        log(.critical, message(), metadata())
    }
}

/// A sink that drops all lines.
private struct SilentLogSink: LogSink {
    func write(_ record: LogRecord) {}
}
