/// The steps that several builders share: conditions, order, limit, offset and suffixes.
struct SQLSteps: Sendable {
    var conditions: [Condition] = []
    var orders: [SQL] = []
    var maxRows: Int?
    var rowsSkipped: Int?
    var suffixes: [SQL] = []

    /// Adds `WHERE` if there are conditions.
    func appendConditions(to text: inout SQLText) throws {
        try Condition.append(conditions, after: " WHERE ", separator: " AND ", to: &text)
    }

    /// Adds `ORDER BY`, `LIMIT`, `OFFSET` and the suffixes.
    func appendRest(to text: inout SQLText) throws {
        if !orders.isEmpty {
            text.append(words: " ORDER BY ")
            try text.append(orders, separator: ", ")
        }
        if let maxRows { text.append(words: " LIMIT \(maxRows)") }
        if let rowsSkipped { text.append(words: " OFFSET \(rowsSkipped)") }
        try text.appendSuffixes(suffixes)
    }
}
