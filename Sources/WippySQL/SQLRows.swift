import WippyRuntime
import WippyText
public import WippyValues

/// The rows of a query: the columns' names once, and the cells row by row.
public struct SQLRows: Sendable, Hashable {
    /// The columns' names in order, as the statement gives them.
    ///
    /// Names may repeat. Empty if there are no rows.
    public let columns: [String]

    /// All cells, row by row.
    ///
    /// Whole numbers are `.integer`, others `.float`; text is `.string`, bytes are `.bytes`; NULL is `.null`. In a
    /// column that its table declares `BOOLEAN` whole numbers are `.bool`. Dates are what was stored.
    public let cells: [Value]

    /// Creates a result.
    ///
    /// `cells` has `columns.count` cells for each row; cells that do not fill a row are ignored.
    public init(columns: [String], cells: [Value]) {
        self.columns = columns
        self.cells = cells
    }
}

extension SQLRows: RandomAccessCollection {
    /// 0.
    public var startIndex: Int { 0 }

    /// How many rows there are.
    public var endIndex: Int { columns.isEmpty ? 0 : cells.count / columns.count }

    /// A row, counted from 0.
    ///
    /// - Precondition: `position` is less than `count`.
    public subscript(position: Int) -> SQLRow {
        let start = position * columns.count
        return SQLRow(columns: columns, cells: cells[start..<start + columns.count])
    }
}

/// One row of a result.
public struct SQLRow: Sendable, Hashable {
    /// The columns' names in order.
    public let columns: [String]

    /// The cells in the columns' order.
    public let cells: ArraySlice<Value>

    /// The cell of a column, counted from 0; nil if the row has no such column.
    public subscript(column: Int) -> Value? {
        guard columns.indices.contains(column) else { return nil }
        return cells[cells.startIndex + column]
    }

    /// The cell of the last column with exactly that name; nil if there is none.
    ///
    /// A NULL cell is `.null`.
    public subscript(name: String) -> Value? {
        columns.lastIndex { ExactText.areEqual($0, name) }.flatMap { self[$0] }
    }

    /// The row as a map, as scripts see it.
    ///
    /// A NULL column has no key. If several columns have one name, the last counts.
    public var map: ValueMap {
        var last = ValueMap(Array(zip(columns, cells)), onRepeatedKey: .keepLast)
        for pair in last where pair.value.isNull { last[pair.key] = nil }
        return last
    }
}
