import WippyRuntime

/// A query: `SELECT … FROM … JOIN … WHERE … GROUP BY … HAVING … ORDER BY … LIMIT … OFFSET …`.
///
/// ```swift
/// var tasks = SelectRows("id", "payload", "status").from("tasks").orderBy("created_at DESC").limit(100)
/// if let status { tasks = tasks.where(.equal("status", status)) }
/// ```
///
/// The text has the clauses in the order of SQL, whatever the order of your calls.
public struct SelectRows: SQLBuilder {
    private var columns: [SQL]
    private var isDistinct = false
    private var table: SQL?
    private var joins: [(words: String, SQL)] = []
    private var groups: [SQL] = []
    private var groupConditions: [Condition] = []
    private var steps = SQLSteps()

    /// Creates a query for columns or expressions.
    ///
    /// Add the table with ``from(_:)``.
    public init(_ columns: SQL...) {
        self.columns = columns
    }

    /// Creates a query for columns or expressions.
    ///
    /// Add the table with ``from(_:)``.
    public init(columns: [SQL]) {
        self.columns = columns
    }

    /// Selects more columns, after the columns of earlier calls.
    public func columns(_ more: SQL...) -> SelectRows {
        columns(more)
    }

    /// Selects more columns, after the columns of earlier calls.
    public func columns(_ more: [SQL]) -> SelectRows {
        with { $0.columns += more }
    }

    /// Drops repeated rows: `SELECT DISTINCT`.
    public func distinct() -> SelectRows {
        with { $0.isDistinct = true }
    }

    /// Selects from a table, with or without an alias.
    ///
    /// Example: `tasks t`.
    public func from(_ table: SQL) -> SelectRows {
        with { $0.table = table }
    }

    /// Joins another table with `JOIN`.
    ///
    /// The argument has the table and the condition. Example: `notes n ON n.task_id = t.id`.
    public func join(_ table: SQL) -> SelectRows {
        with { $0.joins.append((" JOIN ", table)) }
    }

    /// Joins another table with `INNER JOIN`.
    ///
    /// The argument has the table and the condition. Example: `notes n ON n.task_id = t.id`.
    public func innerJoin(_ table: SQL) -> SelectRows {
        with { $0.joins.append((" INNER JOIN ", table)) }
    }

    /// Joins another table with `LEFT JOIN`.
    ///
    /// The argument has the table and the condition. Example: `notes n ON n.task_id = t.id`.
    public func leftJoin(_ table: SQL) -> SelectRows {
        with { $0.joins.append((" LEFT JOIN ", table)) }
    }

    /// Joins another table with `RIGHT JOIN`.
    ///
    /// The argument has the table and the condition. Example: `notes n ON n.task_id = t.id`.
    public func rightJoin(_ table: SQL) -> SelectRows {
        with { $0.joins.append((" RIGHT JOIN ", table)) }
    }

    /// Selects only rows for which the condition holds.
    ///
    /// If you call this several times, all conditions must hold. A condition from text gets no parentheses. So write
    /// your own around `"a OR b"` if you add another condition.
    public func `where`(_ condition: Condition) -> SelectRows {
        with { $0.steps.conditions.append(condition) }
    }

    /// Groups rows with the same values in these columns and in the columns of earlier calls.
    public func groupBy(_ columns: SQL...) -> SelectRows {
        groupBy(columns)
    }

    /// Groups rows with the same values in these columns and in the columns of earlier calls.
    public func groupBy(_ columns: [SQL]) -> SelectRows {
        with { $0.groups += columns }
    }

    /// Selects only groups for which the condition holds.
    ///
    /// If you call this several times, all conditions must hold. A condition from text gets no parentheses. So write
    /// your own around `"a OR b"` if you add another condition.
    public func having(_ condition: Condition) -> SelectRows {
        with { $0.groupConditions.append(condition) }
    }

    /// Orders the rows by columns, after the columns of earlier calls.
    ///
    /// Example: `created_at DESC`.
    public func orderBy(_ columns: SQL...) -> SelectRows {
        orderBy(columns)
    }

    /// Orders the rows by columns, after the columns of earlier calls.
    ///
    /// Example: `created_at DESC`.
    public func orderBy(_ columns: [SQL]) -> SelectRows {
        with { $0.steps.orders += columns }
    }

    /// Selects at most this many rows.
    ///
    /// A negative number counts as 0.
    public func limit(_ count: Int) -> SelectRows {
        with { $0.steps.maxRows = max(count, 0) }
    }

    /// Skips this many rows before the first selected row.
    ///
    /// A negative number counts as 0. SQLite accepts an offset only together with a limit.
    public func offset(_ count: Int) -> SelectRows {
        with { $0.steps.rowsSkipped = max(count, 0) }
    }

    /// Adds SQL at the end, after the SQL of earlier calls.
    ///
    /// Example: `FOR UPDATE`.
    public func suffix(_ sql: SQL) -> SelectRows {
        with { $0.steps.suffixes.append(sql) }
    }

    /// Returns the statement's text and the values to bind.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when no columns are named, or when a condition or another piece of SQL
    ///   is not valid.
    public func statement(_ parameterStyle: SQLParameterStyle) throws -> SQLStatement {
        let filled = try statement(parameterStyle, fillsLists: true)
        // Longer lists could need more parameters than the database allows.
        return filled.arguments.count <= Self.maxParameters
            ? filled : try statement(parameterStyle, fillsLists: false)
    }

    /// Returns the statement's text, with `?` for each value, and the values.
    ///
    /// Unlike ``statement(_:)``, it does not fill up the list of an `IN` with copies of its last value.
    ///
    /// - Throws: the errors of ``statement(_:)``.
    public func plainStatement() throws -> SQLStatement { try statement(.question, fillsLists: false) }

    /// The largest number of parameters in SQLite's usual build.
    ///
    /// PostgreSQL allows twice as many.
    private static let maxParameters = 32_766

    private func statement(_ parameterStyle: SQLParameterStyle, fillsLists: Bool) throws -> SQLStatement {
        var text = SQLText(parameterStyle, fillsLists: fillsLists)
        try append(to: &text)
        return text.statement
    }

    /// Adds the whole query.
    func append(to text: inout SQLText) throws {
        guard !columns.isEmpty else {
            throw WippyError.invalidStatement("the query selects no columns: name at least one")
        }
        text.append(words: isDistinct ? "SELECT DISTINCT " : "SELECT ")
        try text.append(columns, separator: ", ")
        if let table {
            text.append(words: " FROM ")
            try text.append(table)
        }
        for (words, table) in joins {
            text.append(words: words)
            try text.append(table)
        }
        try steps.appendConditions(to: &text)
        if !groups.isEmpty {
            text.append(words: " GROUP BY ")
            try text.append(groups, separator: ", ")
        }
        try Condition.append(groupConditions, after: " HAVING ", separator: " AND ", to: &text)
        try steps.appendRest(to: &text)
    }
}
