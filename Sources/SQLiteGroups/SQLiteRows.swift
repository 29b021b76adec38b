import WippyText

/// The rows of a query in memory: the columns' names once, and the cells row by row.
public struct SQLiteRows: Sendable, Hashable {
    /// The columns' names in order, as the statement gives them; names may repeat.
    public let columnNames: [String]

    /// All cells, row by row: `count` times as many as there are columns.
    public let cells: [SQLiteValue]

    /// Reads what `cursor` has left.
    ///
    /// - Throws: `invalid` past `bytesMax`, where a cell counts for 16 bytes and what its text or blob holds.
    init(_ cursor: inout SQLiteCursor, bytesMax: Int) throws(SQLiteError) {
        var cells: [SQLiteValue] = []
        var bytes = 0
        while try cursor.next() {
            for column in 0..<cursor.columnCount {
                let value = cursor.value(column)
                bytes += 16 + value.byteCount
                cells.append(value)
            }
            guard bytes <= bytesMax else {
                throw SQLiteError(
                    .tooBig,
                    "the query's rows have more than \(bytesMax) bytes: use LIMIT, or read the rows one by one")
            }
        }
        columnNames = cursor.columnNames
        self.cells = cells
    }
}

extension SQLiteRows: RandomAccessCollection {
    /// One row of a result.
    public struct Row: Sendable {
        /// The row's cells in the columns' order.
        public let cells: ArraySlice<SQLiteValue>

        private let columnNames: [String]

        init(columnNames: [String], cells: ArraySlice<SQLiteValue>) {
            self.columnNames = columnNames
            self.cells = cells
        }

        /// The cell of a column, counted from 0.
        ///
        /// - Precondition: The row has the column.
        public subscript(column: Int) -> SQLiteValue { cells[cells.startIndex + column] }

        /// The cell of the first column with exactly that name; nil if there is none.
        public subscript(name: String) -> SQLiteValue? {
            columnNames.firstIndex { ExactText.areEqual($0, name) }.map { self[$0] }
        }
    }

    /// 0.
    public var startIndex: Int { 0 }

    /// How many rows there are.
    public var endIndex: Int { columnNames.isEmpty ? 0 : cells.count / columnNames.count }

    /// A row, counted from 0.
    ///
    /// - Precondition: `row` is less than `count`.
    public subscript(row: Int) -> Row {
        let start = row * columnNames.count
        return Row(columnNames: columnNames, cells: cells[start..<start + columnNames.count])
    }
}

extension SQLiteValue {
    /// How many bytes the value holds outside of itself.
    fileprivate var byteCount: Int {
        switch self {
        case .null, .integer, .real: 0
        case .text(let text): text.utf8.count
        case .blob(let blob): blob.count
        }
    }
}
