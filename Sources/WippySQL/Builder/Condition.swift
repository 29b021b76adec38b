import WippyRuntime
public import WippyValues

/// A condition on a row: a comparison, several comparisons joined, or your own SQL.
///
/// ```swift
/// .equal("status", status)                     // status = ?, or status IS NULL for nil
/// .equal("id", ids)                            // id IN (?,?), or (1=0) for an empty list
/// .or(.less("attempts", 3), "retry_at <= \(now)")
/// ```
public struct Condition: Sendable {
    private indirect enum Form: Sendable {
        case sql(SQL)
        case equality([(column: SQL, value: Value)], isNegated: Bool)
        case comparison(SQL, Comparison, Value)
        case joined([Condition], Junction)
        /// Each holds, without parentheses around them.
        case sequence([Condition])
    }

    /// A way to compare a column with a value.
    public enum Comparison: String, Sendable {
        /// `a < ?`, and so on.
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case like = "LIKE"
        case notLike = "NOT LIKE"
    }

    private enum Junction: String {
        case and = " AND "
        case or = " OR "
    }

    private let form: Form

    private init(_ form: Form) {
        self.form = form
    }

    /// Creates a condition from SQL, without parentheses around it.
    public init(_ sql: SQL) {
        form = .sql(sql)
    }
}

extension Condition: ExpressibleByStringInterpolation {
    /// Creates a condition from a literal.
    public init(stringLiteral value: String) {
        self.init(SQL(stringLiteral: value))
    }

    /// Creates a condition from a literal with values, which are bound.
    public init(stringInterpolation: SQL.StringInterpolation) {
        self.init(SQL(stringInterpolation: stringInterpolation))
    }
}

extension Condition {
    /// The column has the value: `a = ?`; `a IS NULL` for nil; for a list `a IN (?,?)`, or `(1=0)` if it is empty.
    ///
    /// The last value of a list is repeated until the number of values is a power of two, so that lists of many lengths
    /// share a statement.
    public static func equal(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        equal([(column, value?.sqlValue ?? .null)])
    }

    /// Each column has its value, in the order of the columns' names; `(1=1)` without columns.
    public static func equal(_ pairs: [(column: SQL, value: Value)]) -> Condition {
        Condition(.equality(sorted(pairs), isNegated: false))
    }

    /// The column has another value: `a <> ?`; `a IS NOT NULL` for nil; for a list `a NOT IN (?,?)`, or `(1=1)` if it
    /// is empty.
    public static func notEqual(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        notEqual([(column, value?.sqlValue ?? .null)])
    }

    /// No column has its value, in the order of the columns' names; `(1=1)` without columns.
    public static func notEqual(_ pairs: [(column: SQL, value: Value)]) -> Condition {
        Condition(.equality(sorted(pairs), isNegated: true))
    }

    /// `a < ?`.
    ///
    /// Like the other comparisons, it takes neither nil nor a list: the statement is then `Invalid`.
    public static func less(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        compare(column, .less, value)
    }

    /// `a <= ?`.
    public static func lessOrEqual(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        compare(column, .lessOrEqual, value)
    }

    /// `a > ?`.
    public static func greater(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        compare(column, .greater, value)
    }

    /// `a >= ?`.
    public static func greaterOrEqual(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        compare(column, .greaterOrEqual, value)
    }

    /// `a LIKE ?`.
    ///
    /// `%` and `_` in the pattern are wildcards, even if a client has sent them.
    public static func like(_ column: SQL, _ pattern: (any SQLArgument)?) -> Condition {
        compare(column, .like, pattern)
    }

    /// `a NOT LIKE ?`.
    public static func notLike(_ column: SQL, _ pattern: (any SQLArgument)?) -> Condition {
        compare(column, .notLike, pattern)
    }

    /// Each column compares with its value, `a < ? AND b < ?`, in the order of the columns' names; nothing without
    /// columns.
    public static func each(_ pairs: [(column: SQL, value: Value)], _ comparison: Comparison) -> Condition {
        Condition(
            .sequence(sorted(pairs).map { pair in Condition(.comparison(pair.column, comparison, pair.value)) }))
    }

    /// All of them hold: `(x AND y)`; `(1=1)` without any.
    public static func and(_ conditions: Condition...) -> Condition {
        Condition(.joined(conditions, .and))
    }

    /// All of them hold: `(x AND y)`; `(1=1)` without any.
    public static func and(_ conditions: [Condition]) -> Condition {
        Condition(.joined(conditions, .and))
    }

    /// At least one of them holds: `(x OR y)`; `(1=0)` without any.
    public static func or(_ conditions: Condition...) -> Condition {
        Condition(.joined(conditions, .or))
    }

    /// At least one of them holds: `(x OR y)`; `(1=0)` without any.
    public static func or(_ conditions: [Condition]) -> Condition {
        Condition(.joined(conditions, .or))
    }

    /// The text of the condition with `?` for each value, and the values.
    ///
    /// - Throws: `Invalid` when the condition cannot be written.
    public func plainStatement() throws -> SQLStatement {
        var text = SQLText(.question)
        try append(to: &text)
        return text.statement
    }

    private static func compare(_ column: SQL, _ comparison: Comparison, _ value: (any SQLArgument)?) -> Condition {
        Condition(.comparison(column, comparison, value?.sqlValue ?? .null))
    }

    private static func sorted(_ pairs: [(column: SQL, value: Value)]) -> [(column: SQL, value: Value)] {
        pairs.count < 2 ? pairs : pairs.sorted { $0.column.head.utf8.lexicographicallyPrecedes($1.column.head.utf8) }
    }
}

extension Condition {
    /// Adds conditions with words before them and between them, or nothing if there are none.
    static func append(
        _ conditions: [Condition], after words: String, separator: String, to text: inout SQLText
    ) throws {
        for (index, condition) in conditions.filter({ !$0.isEmpty }).enumerated() {
            text.append(words: index == 0 ? words : separator)
            try condition.append(to: &text)
        }
    }

    /// Whether there is nothing to write.
    private var isEmpty: Bool {
        switch form {
        case .sequence(let conditions): conditions.isEmpty
        case .joined(let conditions, _): !conditions.isEmpty && conditions.allSatisfy(\.isEmpty)
        default: false
        }
    }

    /// Adds the condition.
    func append(to text: inout SQLText) throws {
        switch form {
        case .sequence(let conditions): try Self.append(conditions, after: "", separator: " AND ", to: &text)
        case .sql(let sql):
            try text.append(sql)
        case .equality(let pairs, let isNegated):
            if pairs.isEmpty { text.append(words: "(1=1)") }
            for (index, pair) in pairs.enumerated() {
                if index > 0 { text.append(words: " AND ") }
                try Self.appendEquality(pair.column, pair.value, isNegated: isNegated, to: &text)
            }
        case .comparison(let column, let comparison, let value):
            try Self.appendComparison(column, comparison, value, to: &text)
        case .joined(let conditions, let junction):
            if conditions.isEmpty { text.append(words: junction == .and ? "(1=1)" : "(1=0)") }
            try Self.append(conditions, after: "(", separator: junction.rawValue, to: &text)
            if conditions.contains(where: { !$0.isEmpty }) { text.append(words: ")") }
        }
    }

    private static func appendEquality(
        _ column: SQL, _ value: Value, isNegated: Bool, to text: inout SQLText
    ) throws {
        if case .list(let values) = value {
            guard !values.isEmpty else { return text.append(words: isNegated ? "(1=1)" : "(1=0)") }
            try text.append(column)
            text.append(words: isNegated ? " NOT IN (" : " IN (")
            text.bind(text.fillsLists ? filled(values) : values, separator: ",")
            return text.append(words: ")")
        }
        try text.append(column)
        if value.isNull {
            text.append(words: isNegated ? " IS NOT NULL" : " IS NULL")
        } else {
            text.append(words: isNegated ? " <> " : " = ")
            text.bind(value)
        }
    }

    /// The values, and the last of them again up to the next power of two.
    private static func filled(_ values: [Value]) -> [Value] {
        guard let last = values.last else { return values }
        var count = 1
        while count < values.count { count *= 2 }
        return values + Array(repeating: last, count: count - values.count)
    }

    private static func appendComparison(
        _ column: SQL, _ comparison: Comparison, _ value: Value, to text: inout SQLText
    ) throws {
        switch value {
        case .null, .list, .map:
            throw WippyError.invalidStatement(
                "a comparison with '\(comparison.rawValue)' takes a value, not \(value.kindWithArticle)")
        default:
            try text.append(column)
            text.append(words: " \(comparison.rawValue) ")
            text.bind(value)
        }
    }
}
