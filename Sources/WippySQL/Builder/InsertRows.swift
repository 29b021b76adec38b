import WippyRuntime
public import WippyValues

/// A statement that inserts rows: `INSERT INTO … (…) VALUES (…),(…)`.
///
/// ```swift
/// let insert = InsertRows(into: "tasks").columns("id", "status", "result").values(id, "completed", nil)
/// ```
///
/// The statement can also insert the rows of a query: see ``select(_:)``.
public struct InsertRows: SQLBuilder {
    private var table: SQL?
    private var columns: [SQL] = []
    private var rows: [[SQLTerm]] = []
    private var select: SelectRows?
    private var prefixes: [SQL] = []
    private var options: [SQL] = []
    private var suffixes: [SQL] = []

    /// Creates a statement that inserts rows into a table.
    ///
    /// You can also name the table later, with ``into(_:)``.
    public init(into table: SQL? = nil) {
        self.table = table
    }

    /// Sets the table.
    ///
    /// It replaces the table of an earlier call.
    public func into(_ table: SQL) -> InsertRows {
        with { $0.table = table }
    }

    /// Names columns, after the columns of earlier calls.
    ///
    /// If you name no columns, the values are for the table's columns in their order.
    public func columns(_ more: SQL...) -> InsertRows {
        columns(more)
    }

    /// Names columns, after the columns of earlier calls.
    ///
    /// If you name no columns, the values are for the table's columns in their order.
    public func columns(_ more: [SQL]) -> InsertRows {
        with { $0.columns += more }
    }

    /// Adds a row with one value for each column, in the order of the columns.
    ///
    /// Nil means NULL.
    public func values(_ row: (any SQLArgument)?...) -> InsertRows {
        with { $0.rows.append(row.map { .value($0?.sqlValue ?? .null) }) }
    }

    /// Adds a row with one value for each column, in the order of the columns.
    public func values(row: [Value]) -> InsertRows {
        with { $0.rows.append(row.map(SQLTerm.value)) }
    }

    /// Adds a row with one term for each column, in the order of the columns.
    public func values(terms row: [SQLTerm]) -> InsertRows {
        with { $0.rows.append(row) }
    }

    /// Sets the columns and a single row.
    ///
    /// They replace all columns and rows of earlier calls. The columns are sorted by their names.
    public func set(_ pairs: [(column: SQL, term: SQLTerm)]) -> InsertRows {
        with { insert in
            let pairs = pairs.sorted { $0.column.head.utf8.lexicographicallyPrecedes($1.column.head.utf8) }
            insert.columns = pairs.map(\.column)
            insert.rows = [pairs.map(\.term)]
        }
    }

    /// Inserts the rows of a query instead of values.
    public func select(_ query: SelectRows) -> InsertRows {
        with { $0.select = query }
    }

    /// Adds SQL before the statement, after the SQL of earlier calls.
    ///
    /// Example: `WITH …`.
    public func prefix(_ sql: SQL) -> InsertRows {
        with { $0.prefixes.append(sql) }
    }

    /// Adds words between `INSERT` and `INTO`, after the words of earlier calls.
    ///
    /// Example: `OR IGNORE`.
    public func options(_ more: SQL...) -> InsertRows {
        options(more)
    }

    /// Adds words between `INSERT` and `INTO`, after the words of earlier calls.
    ///
    /// Example: `OR IGNORE`.
    public func options(_ more: [SQL]) -> InsertRows {
        with { $0.options += more }
    }

    /// Adds SQL at the end, after the SQL of earlier calls.
    ///
    /// Examples: `ON CONFLICT DO NOTHING`, `RETURNING id`.
    public func suffix(_ sql: SQL) -> InsertRows {
        with { $0.suffixes.append(sql) }
    }

    /// Returns the statement's text and the values to bind.
    ///
    /// If you name no columns, each row must have as many values as the first row.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when there is no table, when there are neither values nor a query, when
    ///   a row has the wrong number of values, or when the query or a piece of SQL is not valid.
    public func statement(_ parameterStyle: SQLParameterStyle) throws -> SQLStatement {
        guard let table else { throw WippyError.invalidStatement("the insertion has no table: name one with 'into'") }
        var text = SQLText(parameterStyle)
        text.reserve(arguments: rows.reduce(0) { $0 + $1.count })
        for prefix in prefixes {
            try text.append(prefix)
            text.append(words: " ")
        }
        text.append(words: "INSERT")
        try text.appendSuffixes(options)
        text.append(words: " INTO ")
        try text.append(table)
        if !columns.isEmpty {
            text.append(words: " (")
            try text.append(columns, separator: ",")
            text.append(words: ")")
        }
        if let select {
            text.append(words: " ")
            try select.append(to: &text)
        } else {
            try appendRows(to: &text)
        }
        try text.appendSuffixes(suffixes)
        return text.statement
    }

    private func appendRows(to text: inout SQLText) throws {
        guard let first = rows.first, !first.isEmpty else {
            throw WippyError.invalidStatement("the insertion has no values: add at least one row")
        }
        text.append(words: " VALUES ")
        for (index, row) in rows.enumerated() {
            try check(row, number: index + 1, expected: columns.isEmpty ? first.count : columns.count)
            text.append(words: index > 0 ? ",(" : "(")
            try text.append(row, separator: ",")
            text.append(words: ")")
        }
    }

    private func check(_ row: [SQLTerm], number: Int, expected: Int) throws(WippyError) {
        guard row.count == expected else {
            throw .invalidStatement("row \(number) of the insertion has \(row.count) values for \(expected) columns")
        }
    }
}
