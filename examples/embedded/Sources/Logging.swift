import WippyApplication

/// The protocol of swift-log for the receiver of log lines.
///
/// If you use that package, use its own protocol of this name.
protocol LogHandler: Sendable {
    func log(level: LogLevel, message: String, metadata: [String: String], source: String)
}

/// Passes the log lines of an application to the program's own log.
struct HandlerSink: LogSink {
    let handler: any LogHandler

    /// Writes a line.
    ///
    /// It is called from any thread, and must return at once.
    func write(_ record: LogRecord) {
        var metadata: [String: String] = [:]
        for field in record.metadata.fields {
            switch field.value {
            case .value(.string(let text)): metadata[field.key] = text
            case .value(let value): metadata[field.key] = JSON.text(of: value)
            case .redacted: metadata[field.key] = "<redacted>"
            }
        }
        handler.log(
            level: record.level, message: record.message, metadata: metadata, source: record.entry ?? "application")
    }
}

/// Prints each line.
struct PrintingLogHandler: LogHandler {
    func log(level: LogLevel, message: String, metadata: [String: String], source: String) {
        let data = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        print("[\(level)] \(source): \(message)\(data)")
    }
}
