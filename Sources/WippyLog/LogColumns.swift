/// The widths of the columns in a table of log lines.
public struct LogColumns: Sendable, Hashable {
    var entry = 0
    var message = 0
    /// The widths of the data fields, except for the last one, after which nothing follows.
    var fields: [Int] = []

    /// Computes the widths that fit all rows.
    init(_ rows: [LogTableRow]) {
        for row in rows {
            entry = max(entry, LogTextLine.width { $0.appendVisible(row.entry, to: &$1) })
            message = max(message, LogTextLine.width { $0.appendVisible(row.message, to: &$1) })
            for (index, field) in row.metadata.fields.enumerated() {
                if index == fields.count { fields.append(0) }
                fields[index] = max(fields[index], LogTextLine.width { $0.append(field, to: &$1) })
            }
        }
    }
}

/// A line of a table: the entry, the message and the data.
///
/// The columns are aligned by position. So begin the data of each line of a table with the same fields.
public struct LogTableRow: Sendable, Hashable {
    /// The id of the entry that logs.
    public let entry: String
    /// The message: a fixed text that names the event.
    public let message: String
    /// The data of the line.
    public let metadata: LogMetadata

    /// Creates a line.
    public init(entry: String, message: String, metadata: LogMetadata) {
        (self.entry, self.message, self.metadata) = (entry, message, metadata)
    }
}

extension Log {
    /// Writes lines, unless their level is below the log's ``level``.
    ///
    /// As text, the lines are a table with aligned columns. In JSON they are ordinary lines.
    ///
    /// - Parameters:
    ///   - level: the importance of the lines.
    ///   - rows: the lines, each with the entry that logs it.
    public func table(_ level: LogLevel, _ rows: [LogTableRow]) {
        guard level >= self.level else { return }
        // The lines also have the log's own data, which comes first.
        let columns = LogColumns(
            rows.map { LogTableRow(entry: $0.entry, message: $0.message, metadata: merged(with: $0.metadata)) })
        for row in rows { with(entry: row.entry).write(level, row.message, row.metadata, columns) }
    }
}
