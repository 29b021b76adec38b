import WippyText

/// The rows of a query, in memory.
public struct SQLiteRows: Sendable, Hashable {
    /// The names of the columns in order, as the statement gives them.
    ///
    /// Several columns may have the same name.
    public let columnNames: [String]

    /// All cells, row by row.
    ///
    /// Their number is the number of rows times the number of columns.
    public let cells: [SQLiteValue]

    /// Reads the rows that `cursor` has left.
    ///
    /// - Throws: `invalid` if the rows have more than `maxBytes` bytes. A cell counts for 16 bytes, and for the bytes
    ///   of its text or blob.
    init(_ cursor: inout SQLiteCursor, maxBytes: Int) throws(SQLiteError) {
        var cells: [SQLiteValue] = []
        var bytes = 0
        while try cursor.next() {
            for column in 0..<cursor.columnCount {
                let value = cursor.value(column)
                bytes += 16 + value.byteCount
                cells.append(value)
            }
            guard bytes <= maxBytes else {
                throw SQLiteError(
                    .tooBig,
                    "the query's rows have more than \(maxBytes) bytes: use LIMIT, or read the rows one by one")
            }
        }
        columnNames = cursor.columnNames
        self.cells = cells
    }
}

extension SQLiteRows: RandomAccessCollection {
    /// A row of a result.
    public struct Row: Sendable {
        /// The cells of the row, in the order of the columns.
        public let cells: ArraySlice<SQLiteValue>

        private let columnNames: [String]

        init(columnNames: [String], cells: ArraySlice<SQLiteValue>) {
            self.columnNames = columnNames
            self.cells = cells
        }

        /// The cell in a column.
        ///
        /// - Parameter column: the index of the column, from 0. A missing column traps.
        public subscript(column: Int) -> SQLiteValue { cells[cells.startIndex + column] }

        /// The cell of the first column with exactly this name; nil if there is no such column.
        public subscript(name: String) -> SQLiteValue? {
            columnNames.firstIndex { ExactText.areEqual($0, name) }.map { self[$0] }
        }
    }

    /// The index of the first row, which is always 0.
    public var startIndex: Int { 0 }

    /// The number of rows.
    public var endIndex: Int { columnNames.isEmpty ? 0 : cells.count / columnNames.count }

    /// The row at an index.
    ///
    /// - Parameter row: the index, from 0 to `count - 1`.
    public subscript(row: Int) -> Row {
        let start = row * columnNames.count
        return Row(columnNames: columnNames, cells: cells[start..<start + columnNames.count])
    }
}

extension SQLiteValue {
    /// The number of bytes in the value's text or blob.
    fileprivate var byteCount: Int {
        switch self {
        case .null, .integer, .real: 0
        case .text(let text): text.utf8.count
        case .blob(let blob): blob.count
        }
    }
}
