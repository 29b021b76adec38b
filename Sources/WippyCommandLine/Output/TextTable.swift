/// A table of text with aligned columns.
public struct TextTable: CustomStringConvertible {
    private let rows: [[String]]
    private let numbers: Int

    /// Creates a table.
    ///
    /// - Parameters:
    ///   - rows: the rows, each with its texts from left to right. The first row can be a head.
    ///   - numbers: the index of the first column that is aligned on the right, like all columns after it. Default:
    ///     no such column.
    public init(_ rows: [[String]], numbersFrom numbers: Int = .max) {
        self.rows = rows
        self.numbers = numbers
    }

    /// The rows, with line ends between them.
    ///
    /// The last text of a row is not padded if it is aligned on the left.
    public var description: String {
        var widths: [Int] = []
        for row in rows {
            for (column, text) in row.enumerated() where column < row.count - 1 || column >= numbers {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], text.count)
            }
        }
        return rows.map { row in
            row.enumerated().map { column, text in
                if column >= numbers { return String(repeating: " ", count: widths[column] - text.count) + text }
                return column < row.count - 1 ? text.padded(to: widths[column]) : text
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

extension String {
    /// Returns the text, filled with spaces up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
