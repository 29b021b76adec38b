import WippyRuntime

/// A removal of rows: `DELETE FROM … WHERE …`.
///
/// ```swift
/// let delete = DeleteRows(from: "tasks").where(.less("created_at", limit))
/// ```
///
/// Without a condition it removes every row.
public struct DeleteRows: SQLBuilder {
    private var table: SQL?
    private var steps = SQLSteps()

    /// Removes from a table, which may be named later.
    public init(from table: SQL? = nil) {
        self.table = table
    }

    /// Removes from another table.
    public func from(_ table: SQL) -> DeleteRows {
        with { $0.table = table }
    }

    /// Removes the rows for which the condition holds, and those of every call before.
    ///
    /// A condition given as text is not put in parentheses: `"a OR b"` before another one needs its own.
    public func `where`(_ condition: Condition) -> DeleteRows {
        with { $0.steps.conditions.append(condition) }
    }

    /// Takes the rows in an order, for databases that limit how many.
    public func orderBy(_ columns: SQL...) -> DeleteRows {
        orderBy(columns)
    }

    /// Takes the rows in an order, for databases that limit how many.
    public func orderBy(_ columns: [SQL]) -> DeleteRows {
        with { $0.steps.orders += columns }
    }

    /// Takes at most this many rows; a negative number counts as 0.
    ///
    /// SQLite has it only if it is built so.
    public func limit(_ count: Int) -> DeleteRows {
        with { $0.steps.rowsMax = max(count, 0) }
    }

    /// Leaves out this many rows first; a negative number counts as 0.
    public func offset(_ count: Int) -> DeleteRows {
        with { $0.steps.rowsSkipped = max(count, 0) }
    }

    /// Adds SQL at the end, after that of the calls before: `RETURNING id`.
    public func suffix(_ sql: SQL) -> DeleteRows {
        with { $0.steps.suffixes.append(sql) }
    }

    /// The statement's text and the values to bind.
    ///
    /// - Throws: `Invalid` without a table, and for a condition that cannot be written.
    public func statement(_ placeholders: SQLPlaceholders) throws -> SQLStatement {
        guard let table else { throw WippyError.invalidStatement("the deletion has no table: name one with 'from'") }
        var text = SQLText(placeholders)
        text.append(words: "DELETE FROM ")
        try text.append(table)
        try steps.appendConditions(to: &text)
        try steps.appendRest(to: &text)
        return text.statement
    }
}
