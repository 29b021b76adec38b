import WippyRuntime
import WippyText
public import WippyValues

/// The rows of a query: the columns' names, and the cells row by row.
public struct SQLRows: Sendable, Hashable {
    /// The columns' names in the statement's order.
    ///
    /// A name can occur twice. The list can be empty if there are no rows.
    public let columns: [String]

    /// All cells, row by row.
    ///
    /// In SQLite, an integer is `.integer`, or `.bool` if the table declares the column as `BOOLEAN`, in small or
    /// capital letters. A floating-point number is `.float`. Text is `.string`. Bytes are `.bytes`. NULL is `.null`.
    public let cells: [Value]

    /// Creates a result.
    ///
    /// `cells` has `columns.count` cells for each row. Cells after the last full row belong to no row.
    public init(columns: [String], cells: [Value]) {
        self.columns = columns
        self.cells = cells
    }
}

extension SQLRows: RandomAccessCollection {
    /// The position of the first row, which is 0.
    public var startIndex: Int { 0 }

    /// The number of rows.
    public var endIndex: Int { columns.isEmpty ? 0 : cells.count / columns.count }

    /// Returns the row at a position, counted from 0.
    ///
    /// - Precondition: `position` is at least 0 and less than `count`.
    public subscript(position: Int) -> SQLRow {
        let start = position * columns.count
        return SQLRow(columns: columns, cells: cells[start..<start + columns.count])
    }
}

/// One row of a result.
public struct SQLRow: Sendable, Hashable {
    /// The columns' names in the statement's order.
    public let columns: [String]

    /// The cells in the columns' order.
    public let cells: ArraySlice<Value>

    /// Returns the cell of a column, counted from 0; nil if the row has no such column.
    public subscript(column: Int) -> Value? {
        guard columns.indices.contains(column) else { return nil }
        return cells[cells.startIndex + column]
    }

    /// Returns the cell of a column, by the column's exact name; nil if no column has this name.
    ///
    /// If several columns have the name, the last column counts. A NULL cell is `.null`.
    public subscript(name: String) -> Value? {
        columns.lastIndex { ExactText.areEqual($0, name) }.flatMap { self[$0] }
    }

    /// The row as a map from column names to cells.
    ///
    /// A NULL cell has no key. If several columns have the same name, the last column counts.
    public var map: ValueMap {
        var last = ValueMap(Array(zip(columns, cells)), onRepeatedKey: .keepLast)
        for pair in last where pair.value.isNull { last[pair.key] = nil }
        return last
    }
}
