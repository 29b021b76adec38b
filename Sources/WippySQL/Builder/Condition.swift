import WippyRuntime
public import WippyValues

/// A condition on a row: a comparison, several comparisons together, or your own SQL.
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
        case joined([Condition], Connective)
        /// All of the conditions hold. The text has no parentheses around them.
        case sequence([Condition])
    }

    /// A way to compare a column with a value.
    public enum Comparison: String, Sendable {
        /// `a < ?`.
        case less = "<"
        /// `a <= ?`.
        case lessOrEqual = "<="
        /// `a > ?`.
        case greater = ">"
        /// `a >= ?`.
        case greaterOrEqual = ">="
        /// `a LIKE ?`.
        case like = "LIKE"
        /// `a NOT LIKE ?`.
        case notLike = "NOT LIKE"
    }

    private enum Connective: String {
        case and = " AND "
        case or = " OR "
    }

    private let form: Form

    private init(_ form: Form) {
        self.form = form
    }

    /// Creates a condition from SQL.
    ///
    /// No parentheses are added, so write your own around `a OR b`.
    public init(_ sql: SQL) {
        form = .sql(sql)
    }
}

extension Condition: ExpressibleByStringInterpolation {
    /// Creates a condition from a literal without interpolated values.
    public init(stringLiteral value: String) {
        self.init(SQL(stringLiteral: value))
    }

    /// Creates a condition from a literal with interpolated values, which become arguments.
    public init(stringInterpolation: SQL.StringInterpolation) {
        self.init(SQL(stringInterpolation: stringInterpolation))
    }
}

extension Condition {
    /// Returns the condition that the column has the value.
    ///
    /// The text is `a = ?`. For nil it is `a IS NULL`. For a list it is `a IN (?,?)`. For an empty list it is `(1=0)`,
    /// which never holds.
    ///
    /// A ``SelectRows`` may repeat the last value of a list, so that lists of many lengths share one statement.
    public static func equal(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        equal([(column, value?.sqlValue ?? .null)])
    }

    /// Returns the condition that every column has its value: `a = ? AND b = ?`.
    ///
    /// The text has the columns in the order of their names. If a value is null or a list, the text for its column is
    /// as in ``equal(_:_:)``.
    ///
    /// Without pairs, the text is `(1=1)`, which always holds.
    public static func equal(_ pairs: [(column: SQL, value: Value)]) -> Condition {
        Condition(.equality(sorted(pairs), isNegated: false))
    }

    /// Returns the condition that the column has another value.
    ///
    /// The text is `a <> ?`. For nil it is `a IS NOT NULL`. For a list it is `a NOT IN (?,?)`. For an empty list it is
    /// `(1=1)`, which always holds.
    ///
    /// A ``SelectRows`` may repeat the last value of a list, as in ``equal(_:_:)``.
    public static func notEqual(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        notEqual([(column, value?.sqlValue ?? .null)])
    }

    /// Returns the condition that every column differs from its value: `a <> ? AND b <> ?`.
    ///
    /// The text has the columns in the order of their names. If a value is null or a list, the text for its column is
    /// as in ``notEqual(_:_:)``.
    ///
    /// Without pairs, the text is `(1=1)`, which always holds.
    public static func notEqual(_ pairs: [(column: SQL, value: Value)]) -> Condition {
        Condition(.equality(sorted(pairs), isNegated: true))
    }

    /// Returns the condition that the column is less than the value: `a < ?`.
    ///
    /// The value must not be nil, a list or a map. Otherwise, building the statement throws `Invalid`.
    public static func less(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        compare(column, .less, value)
    }

    /// Returns the condition that the column is less than the value or equal to it: `a <= ?`.
    ///
    /// The value must not be nil, a list or a map. Otherwise, building the statement throws `Invalid`.
    public static func lessOrEqual(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        compare(column, .lessOrEqual, value)
    }

    /// Returns the condition that the column is greater than the value: `a > ?`.
    ///
    /// The value must not be nil, a list or a map. Otherwise, building the statement throws `Invalid`.
    public static func greater(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        compare(column, .greater, value)
    }

    /// Returns the condition that the column is greater than the value or equal to it: `a >= ?`.
    ///
    /// The value must not be nil, a list or a map. Otherwise, building the statement throws `Invalid`.
    public static func greaterOrEqual(_ column: SQL, _ value: (any SQLArgument)?) -> Condition {
        compare(column, .greaterOrEqual, value)
    }

    /// Returns the condition that the column matches the pattern: `a LIKE ?`.
    ///
    /// A pattern from a client may have wildcards, such as `%` and `_`. The pattern must not be nil, a list or a map.
    /// Otherwise, building the statement throws `Invalid`.
    public static func like(_ column: SQL, _ pattern: (any SQLArgument)?) -> Condition {
        compare(column, .like, pattern)
    }

    /// Returns the condition that the column does not match the pattern: `a NOT LIKE ?`.
    ///
    /// A pattern from a client may have wildcards, such as `%` and `_`. The pattern must not be nil, a list or a map.
    /// Otherwise, building the statement throws `Invalid`.
    public static func notLike(_ column: SQL, _ pattern: (any SQLArgument)?) -> Condition {
        compare(column, .notLike, pattern)
    }

    /// Returns the condition that the comparison holds for every column and its value: `a < ? AND b < ?`.
    ///
    /// The text has the columns in the order of their names. A value must not be null, a list or a map. Otherwise,
    /// building the statement throws `Invalid`.
    ///
    /// Without pairs, the condition has no text, and the methods `where` and `having` of a builder leave it out.
    public static func each(_ pairs: [(column: SQL, value: Value)], _ comparison: Comparison) -> Condition {
        Condition(
            .sequence(sorted(pairs).map { pair in Condition(.comparison(pair.column, comparison, pair.value)) }))
    }

    /// Returns the condition that all of the conditions hold: `(x AND y)`.
    ///
    /// Without conditions, the text is `(1=1)`, which always holds.
    public static func and(_ conditions: Condition...) -> Condition {
        Condition(.joined(conditions, .and))
    }

    /// Returns the condition that all of the conditions hold: `(x AND y)`.
    ///
    /// Without conditions, the text is `(1=1)`, which always holds.
    public static func and(_ conditions: [Condition]) -> Condition {
        Condition(.joined(conditions, .and))
    }

    /// Returns the condition that at least one of the conditions holds: `(x OR y)`.
    ///
    /// Without conditions, the text is `(1=0)`, which never holds.
    public static func or(_ conditions: Condition...) -> Condition {
        Condition(.joined(conditions, .or))
    }

    /// Returns the condition that at least one of the conditions holds: `(x OR y)`.
    ///
    /// Without conditions, the text is `(1=0)`, which never holds.
    public static func or(_ conditions: [Condition]) -> Condition {
        Condition(.joined(conditions, .or))
    }

    /// Returns the condition's text, with `?` for each value, and the values.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when a part of the condition is not valid.
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
    /// Adds conditions, with words before the first one and between them.
    ///
    /// Without conditions, it adds nothing.
    static func append(
        _ conditions: [Condition], after words: String, separator: String, to text: inout SQLText
    ) throws {
        for (index, condition) in conditions.filter({ !$0.isEmpty }).enumerated() {
            text.append(words: index == 0 ? words : separator)
            try condition.append(to: &text)
        }
    }

    /// True if the condition has no text.
    private var isEmpty: Bool {
        switch form {
        case .sequence(let conditions): conditions.isEmpty
        case .joined(let conditions, _): !conditions.isEmpty && conditions.allSatisfy(\.isEmpty)
        default: false
        }
    }

    /// Adds the condition's text, and binds its values.
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
        case .joined(let conditions, let connective):
            if conditions.isEmpty { text.append(words: connective == .and ? "(1=1)" : "(1=0)") }
            try Self.append(conditions, after: "(", separator: connective.rawValue, to: &text)
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

    /// Returns the values, followed by copies of the last value up to the next power of two.
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
