/// Writes structured log lines: the message is the same each time, and the data is beside it.
///
/// ```swift
/// context.log.info("migration complete", ["rows": 3, "table": "\(table)"])
/// ```
///
/// A `Log` is a small value. ``with(_:)`` and ``with(entry:)`` make a copy that adds more to each line. For lines below
/// ``level`` neither the message nor the metadata is computed. Logging never waits: lines that the sink cannot take are
/// dropped and counted.
public struct Log: Sendable {
    /// The lowest level that is written.
    ///
    /// A line below it costs one comparison.
    public var level: LogLevel
    /// Where lines go.
    public let sink: any LogSink
    /// The id of the entry that logs; nil for the application itself.
    public private(set) var entry: String?
    /// Data that is added to each line.
    public private(set) var metadata: LogMetadata

    /// Creates a log that writes to a sink.
    public init(to sink: any LogSink, level: LogLevel = .info, entry: String? = nil, metadata: LogMetadata = [:]) {
        self.sink = sink
        self.level = level
        self.entry = entry
        self.metadata = metadata
    }

    /// A log that writes nothing.
    public static var silent: Log { Log(to: SilentLogSink(), level: .critical) }

    /// A copy that adds more data to each line.
    ///
    /// In a line, the line's own metadata comes first.
    public func with(_ metadata: LogMetadata) -> Log {
        var copy = self
        copy.metadata.merge(metadata)
        return copy
    }

    /// A copy that logs for an entry.
    public func with(entry: String) -> Log {
        var copy = self
        copy.entry = entry
        return copy
    }

    /// Writes a line if its level is enabled.
    ///
    /// - Parameters:
    ///   - level: how much the line matters.
    ///   - message: what happened, in words that do not change.
    ///   - metadata: the data that changes.
    @inlinable public func log(
        _ level: LogLevel, _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> LogMetadata = [:]
    ) {
        if level >= self.level {
            write(level, message(), metadata())
        }
    }

    /// Hands a line with all its metadata to the sink.
    @usableFromInline func write(_ level: LogLevel, _ message: String, _ own: LogMetadata) {
        write(level, message, own, nil)
    }

    func write(_ level: LogLevel, _ message: String, _ own: LogMetadata, _ columns: LogColumns?) {
        var merged = metadata
        merged.merge(own)
        var record = LogRecord(time: .now, level: level, entry: entry, message: message, metadata: merged)
        record.columns = columns
        sink.write(record)
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

/// Takes lines and forgets them.
private struct SilentLogSink: LogSink {
    func write(_ record: LogRecord) {}
}
