/// The format of log lines.
///
/// A record is always one line. Control characters, line separators and marks that change the direction of writing are
/// written as escapes, so nobody can forge a line or move a terminal's cursor. A line of more than 64 KiB loses its
/// data and the end of its message, and says so.
public enum LogFormat: Sendable, Hashable {
    /// For people at a terminal, in local time: `05:15:58.123 info     app:migrate: migration complete rows=3`.
    case console(isColored: Bool)
    /// The same without colors and with the date, for files: `2026-11-24T04:15:58.123Z info     app:migrate: …`.
    case plain
    /// For programs, one object for each line: `time`, `level`, `entry` and `message`, then the data by its names. A
    /// data field with one of these four names gets a `_` after it.
    case json

    /// The bytes of a line, its end included, past which it is cut.
    static let lineBytesMax = 65_536

    /// Appends a record as one line with its line feed.
    public func append(_ record: LogRecord, to bytes: inout [UInt8]) {
        let start = bytes.count
        appendWhole(record, to: &bytes)
        if bytes.count - start > LogFormat.lineBytesMax {
            bytes.removeSubrange(start...)
            appendWhole(record.cut(), to: &bytes)
        }
    }

    private func appendWhole(_ record: LogRecord, to bytes: inout [UInt8]) {
        switch self {
        case .console(let isColored):
            LogTextLine(isColored: isColored, isTimeLocal: true).append(record, to: &bytes)
        case .plain:
            LogTextLine(isColored: false, isTimeLocal: false).append(record, to: &bytes)
        case .json:
            LogJSONLine.append(record, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}

extension LogRecord {
    /// The record without data and with the beginnings of its texts, so that its line is short.
    fileprivate func cut() -> LogRecord {
        LogRecord(
            time: time, level: level, entry: entry.map { String($0.unicodeScalars.prefix(200)) },
            message: String(message.unicodeScalars.prefix(1000)) + "…", metadata: ["cut": true])
    }
}
