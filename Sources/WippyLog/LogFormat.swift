/// The format of log lines.
///
/// A record is always one line. Control characters, line separators and marks that change the direction of writing
/// are escaped, so nobody can forge a line or move a terminal's cursor.
///
/// A line of more than 64 KiB is cut. Its message keeps at most 1,000 Unicode scalars, with `…` after them. The id of
/// its entry keeps at most 200. The data field `cut` replaces all other data.
public enum LogFormat: Sendable, Hashable {
    /// Text for people at a terminal, in local time: `05:15:58.123 info     app:migrate: migration complete rows=3`.
    case console(isColored: Bool)
    /// Text for files: like the text of ``console(isColored:)``, but without colors, with the date, and in UTC.
    ///
    /// It begins with a time such as `2026-11-24T04:15:58.123Z`.
    case plain
    /// One JSON object in each line, for programs: `time`, `level`, `entry` and `message`, and then the data by their
    /// names.
    ///
    /// A line of the application itself has no `entry`. If a data field has one of these four names, `_` is added to
    /// its name until no other field has the same name.
    case json

    /// The largest number of bytes in a line, including its end.
    ///
    /// A longer line is cut.
    static let maxLineBytes = 65_536

    /// Appends a record as one line, with its line feed.
    public func append(_ record: LogRecord, to bytes: inout [UInt8]) {
        let start = bytes.count
        appendWhole(record, to: &bytes)
        if bytes.count - start > LogFormat.maxLineBytes {
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
    /// The record without its data and with the beginnings of its texts, so that its line is short.
    fileprivate func cut() -> LogRecord {
        LogRecord(
            time: time, level: level, entry: entry.map { String($0.unicodeScalars.prefix(200)) },
            message: String(message.unicodeScalars.prefix(1000)) + "…", metadata: ["cut": true])
    }
}
