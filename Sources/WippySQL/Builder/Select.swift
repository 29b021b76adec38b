import WippyRuntime

/// A query: `SELECT … FROM … WHERE … ORDER BY … LIMIT … OFFSET …`.
///
/// ```swift
/// var tasks = Select("id", "payload", "status").from("tasks").orderBy("created_at DESC").limit(100)
/// if let status { tasks = tasks.where(.equal("status", status)) }
/// ```
///
/// The steps may come in any order; the text has them in SQL's.
public struct Select: SQLBuilder {
    private var columns: [SQL]
    private var table: SQL?
    private var conditions: [Condition] = []
    private var orders: [SQL] = []
    private var rowsMax: Int?
    private var rowsSkipped: Int?

    /// Selects columns or expressions.
    public init(_ columns: SQL...) {
        self.columns = columns
    }

    /// Selects columns or expressions.
    public init(columns: [SQL]) {
        self.columns = columns
    }

    /// Selects more columns after those before.
    public func columns(_ more: SQL...) -> Select {
        with { $0.columns += more }
    }

    /// Selects from a table, which may have an alias: `tasks t`.
    public func from(_ table: SQL) -> Select {
        with { $0.table = table }
    }

    /// Keeps the rows for which the condition holds, and those of every call before.
    ///
    /// A condition given as text is not put in parentheses: `"a OR b"` before another one needs its own.
    public func `where`(_ condition: Condition) -> Select {
        with { $0.conditions.append(condition) }
    }

    /// Orders by columns, after those of the calls before: `created_at DESC`.
    public func orderBy(_ columns: SQL...) -> Select {
        with { $0.orders += columns }
    }

    /// Gives at most so many rows; fewer than 0 counts as 0.
    public func limit(_ count: Int) -> Select {
        with { $0.rowsMax = max(count, 0) }
    }

    /// Leaves out so many rows first; fewer than 0 counts as 0.
    ///
    /// SQLite takes it only after a limit.
    public func offset(_ count: Int) -> Select {
        with { $0.rowsSkipped = max(count, 0) }
    }

    /// The statement's text and the values to bind.
    ///
    /// - Throws: `Invalid` without columns, and for a condition that cannot be written.
    public func statement(_ placeholders: SQLPlaceholders) throws -> SQLStatement {
        let filled = try statement(placeholders, fillsLists: true)
        // Lists that a database takes as they are must not become too long for it.
        return filled.arguments.count <= Self.placeholdersMax
            ? filled : try statement(placeholders, fillsLists: false)
    }

    /// The most placeholders that SQLite takes unless it was built otherwise; PostgreSQL takes twice as many.
    private static let placeholdersMax = 32_766

    private func statement(_ placeholders: SQLPlaceholders, fillsLists: Bool) throws -> SQLStatement {
        guard !columns.isEmpty else {
            throw WippyError.invalidStatement("the query selects no columns: name at least one")
        }
        var text = SQLText(placeholders, fillsLists: fillsLists)
        text.append(words: "SELECT ")
        try text.append(columns, separator: ", ")
        if let table {
            text.append(words: " FROM ")
            try text.append(table)
        }
        try Condition.append(conditions, after: " WHERE ", separator: " AND ", to: &text)
        if !orders.isEmpty {
            text.append(words: " ORDER BY ")
            try text.append(orders, separator: ", ")
        }
        if let rowsMax { text.append(words: " LIMIT \(rowsMax)") }
        if let rowsSkipped { text.append(words: " OFFSET \(rowsSkipped)") }
        return text.statement
    }

    private func with(_ change: (inout Select) -> Void) -> Select {
        var copy = self
        change(&copy)
        return copy
    }
}
