import WippyRuntime
import WippyValues

/// A statement that changes rows: `UPDATE … SET … FROM … WHERE …`.
///
/// ```swift
/// let update = UpdateRows("tasks").set("status", "done").set("attempts", .sql("attempts + 1")).where(.equal("id", id))
/// ```
///
/// Without a condition, the statement may change every row.
public struct UpdateRows: SQLBuilder {
    private var table: SQL?
    private var assignments: [(column: SQL, term: SQLTerm)] = []
    private var source: (term: SQLTerm, alias: SQL?)?
    private var steps = SQLSteps()

    /// Creates a statement that changes rows of a table.
    ///
    /// You can also name the table later, with ``table(_:)``.
    public init(_ table: SQL? = nil) {
        self.table = table
    }

    /// Sets the table.
    ///
    /// It replaces the table of an earlier call.
    public func table(_ table: SQL) -> UpdateRows {
        with { $0.table = table }
    }

    /// Sets a column to a value.
    ///
    /// Nil means NULL.
    public func set(_ column: SQL, _ value: (any SQLArgument)?) -> UpdateRows {
        set(column, .value(value?.sqlValue ?? .null))
    }

    /// Sets a column to a term, such as SQL that computes the value.
    public func set(_ column: SQL, _ term: SQLTerm) -> UpdateRows {
        with { $0.assignments.append((column, term)) }
    }

    /// Sets several columns, after the columns of earlier calls.
    ///
    /// The columns of one call are sorted by their names.
    public func set(_ pairs: [(column: SQL, term: SQLTerm)]) -> UpdateRows {
        with { update in
            update.assignments += pairs.sorted {
                $0.column.head.utf8.lexicographicallyPrecedes($1.column.head.utf8)
            }
        }
    }

    /// Adds another table for terms and conditions: `UPDATE … SET … FROM …`.
    ///
    /// It replaces the table or the query of an earlier call of `from`.
    public func from(_ table: SQL) -> UpdateRows {
        with { $0.source = (.sql(table), nil) }
    }

    /// Adds the rows of a query under a name, for terms and conditions.
    ///
    /// They replace the table or the query of an earlier call of `from`.
    public func from(_ query: SelectRows, as alias: SQL) -> UpdateRows {
        with { $0.source = (.select(query), alias) }
    }

    /// Changes only rows for which the condition holds.
    ///
    /// If you call this several times, all conditions must hold. A condition from text gets no parentheses. So write
    /// your own around `"a OR b"` if you add another condition.
    public func `where`(_ condition: Condition) -> UpdateRows {
        with { $0.steps.conditions.append(condition) }
    }

    /// Sets the order in which rows are changed: by these columns, after the columns of earlier calls.
    ///
    /// Not every database supports an order here.
    public func orderBy(_ columns: SQL...) -> UpdateRows {
        orderBy(columns)
    }

    /// Sets the order in which rows are changed: by these columns, after the columns of earlier calls.
    ///
    /// Not every database supports an order here.
    public func orderBy(_ columns: [SQL]) -> UpdateRows {
        with { $0.steps.orders += columns }
    }

    /// Changes at most this many rows.
    ///
    /// A negative number counts as 0. Not every database supports a limit here.
    public func limit(_ count: Int) -> UpdateRows {
        with { $0.steps.maxRows = max(count, 0) }
    }

    /// Skips this many rows before the first changed row.
    ///
    /// A negative number counts as 0. Not every database supports an offset here.
    public func offset(_ count: Int) -> UpdateRows {
        with { $0.steps.rowsSkipped = max(count, 0) }
    }

    /// Adds SQL at the end, after the SQL of earlier calls.
    ///
    /// Example: `RETURNING id`.
    public func suffix(_ sql: SQL) -> UpdateRows {
        with { $0.steps.suffixes.append(sql) }
    }

    /// Returns the statement's text and the values to bind.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when the table is missing, when no column is set, or when a condition
    ///   or another piece of SQL is not valid.
    public func statement(_ parameterStyle: SQLParameterStyle) throws -> SQLStatement {
        guard let table else { throw WippyError.invalidStatement("the update has no table: name one with 'table'") }
        guard !assignments.isEmpty else {
            throw WippyError.invalidStatement("the update sets nothing: name at least one column with 'set'")
        }
        var text = SQLText(parameterStyle)
        text.append(words: "UPDATE ")
        try text.append(table)
        text.append(words: " SET ")
        for (index, assignment) in assignments.enumerated() {
            if index > 0 { text.append(words: ", ") }
            try text.append(assignment.column)
            text.append(words: " = ")
            try text.append(assignment.term)
        }
        if let source {
            text.append(words: " FROM ")
            try text.append(source.term)
            if let alias = source.alias {
                text.append(words: " AS ")
                try text.append(alias)
            }
        }
        try steps.appendConditions(to: &text)
        try steps.appendRest(to: &text)
        return text.statement
    }
}
