import WippyRuntime

/// A statement that deletes rows: `DELETE FROM … WHERE …`.
///
/// ```swift
/// let delete = DeleteRows(from: "tasks").where(.less("created_at", limit))
/// ```
///
/// Without a condition, the statement may delete every row.
public struct DeleteRows: SQLBuilder {
    private var table: SQL?
    private var steps = SQLSteps()

    /// Creates a statement that deletes rows of a table.
    ///
    /// You can also name the table later, with ``from(_:)``.
    public init(from table: SQL? = nil) {
        self.table = table
    }

    /// Sets the table.
    ///
    /// It replaces the table of an earlier call.
    public func from(_ table: SQL) -> DeleteRows {
        with { $0.table = table }
    }

    /// Deletes only rows for which the condition holds.
    ///
    /// If you call this several times, all conditions must hold. A condition from text gets no parentheses. So write
    /// your own around `"a OR b"` if you add another condition.
    public func `where`(_ condition: Condition) -> DeleteRows {
        with { $0.steps.conditions.append(condition) }
    }

    /// Sets the order in which rows are deleted: by these columns, after the columns of earlier calls.
    ///
    /// Not every database supports an order here.
    public func orderBy(_ columns: SQL...) -> DeleteRows {
        orderBy(columns)
    }

    /// Sets the order in which rows are deleted: by these columns, after the columns of earlier calls.
    ///
    /// Not every database supports an order here.
    public func orderBy(_ columns: [SQL]) -> DeleteRows {
        with { $0.steps.orders += columns }
    }

    /// Deletes at most this many rows.
    ///
    /// A negative number counts as 0. Not every database supports a limit here.
    public func limit(_ count: Int) -> DeleteRows {
        with { $0.steps.maxRows = max(count, 0) }
    }

    /// Skips this many rows before the first deleted row.
    ///
    /// A negative number counts as 0. Not every database supports an offset here.
    public func offset(_ count: Int) -> DeleteRows {
        with { $0.steps.rowsSkipped = max(count, 0) }
    }

    /// Adds SQL at the end, after the SQL of earlier calls.
    ///
    /// Example: `RETURNING id`.
    public func suffix(_ sql: SQL) -> DeleteRows {
        with { $0.steps.suffixes.append(sql) }
    }

    /// Returns the statement's text and the values to bind.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when the table is missing, or when a condition or another piece of SQL
    ///   is not valid.
    public func statement(_ parameterStyle: SQLParameterStyle) throws -> SQLStatement {
        guard let table else { throw WippyError.invalidStatement("the deletion has no table: name one with 'from'") }
        var text = SQLText(parameterStyle)
        text.append(words: "DELETE FROM ")
        try text.append(table)
        try steps.appendConditions(to: &text)
        try steps.appendRest(to: &text)
        return text.statement
    }
}
