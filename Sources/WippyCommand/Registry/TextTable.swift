/// Rows whose columns stand below each other.
struct TextTable: CustomStringConvertible {
    private let rows: [[String]]
    private let numbers: Int

    /// - Parameter numbers: the first of the columns that stand at the right, as those of numbers do.
    init(_ rows: [[String]], numbersFrom numbers: Int = .max) {
        self.rows = rows
        self.numbers = numbers
    }

    /// The rows, a line each; the last column of a row, if it stands at the left, is not padded and widens no column.
    var description: String {
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
