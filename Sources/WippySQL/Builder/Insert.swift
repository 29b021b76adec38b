import WippyRuntime
public import WippyValues

/// An insertion of rows: `INSERT INTO … (…) VALUES (…),(…)`.
///
/// ```swift
/// let insert = Insert(into: "tasks").columns("id", "status", "result").values(id, "completed", nil)
/// ```
public struct Insert: SQLBuilder {
    private var table: SQL?
    private var columns: [SQL] = []
    private var rows: [[Value]] = []

    /// Inserts into a table, which may be named later.
    public init(into table: SQL? = nil) {
        self.table = table
    }

    /// Inserts into another table.
    public func into(_ table: SQL) -> Insert {
        with { $0.table = table }
    }

    /// Names more columns after those before; without any, a row has a value for every column of the table.
    public func columns(_ more: SQL...) -> Insert {
        with { $0.columns += more }
    }

    /// Adds a row: one value for each column, in their order.
    public func values(_ row: (any SQLArgument)?...) -> Insert {
        with { $0.rows.append(row.map { $0?.sqlValue ?? .null }) }
    }

    /// Adds a row: one value for each column, in their order.
    public func values(row: [Value]) -> Insert {
        with { $0.rows.append(row) }
    }

    /// The statement's text and the values to bind.
    ///
    /// - Throws: `Invalid` without a table, without rows, and when a row has more or fewer values than there are
    ///   columns.
    public func statement(_ placeholders: SQLPlaceholders) throws -> SQLStatement {
        guard let table else { throw WippyError.invalidStatement("the insertion has no table: name one with 'into'") }
        guard let first = rows.first, !first.isEmpty else {
            throw WippyError.invalidStatement("the insertion has no values: add at least one row")
        }
        var text = SQLText(placeholders)
        text.reserve(arguments: rows.count * first.count)
        text.append(words: "INSERT INTO ")
        try text.append(table)
        if !columns.isEmpty {
            text.append(words: " (")
            try text.append(columns, separator: ",")
            text.append(words: ")")
        }
        text.append(words: " VALUES ")
        for (index, row) in rows.enumerated() {
            try check(row, number: index + 1, expected: columns.isEmpty ? first.count : columns.count)
            text.append(words: index > 0 ? ",(" : "(")
            text.bind(row, separator: ",")
            text.append(words: ")")
        }
        return text.statement
    }

    private func check(_ row: [Value], number: Int, expected: Int) throws(WippyError) {
        guard row.count == expected else {
            throw .invalidStatement("row \(number) of the insertion has \(row.count) values for \(expected) columns")
        }
    }

    private func with(_ change: (inout Insert) -> Void) -> Insert {
        var copy = self
        change(&copy)
        return copy
    }
}
