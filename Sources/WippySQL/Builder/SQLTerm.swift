public import WippyValues

/// A term of a statement: a value to bind, or SQL that computes a value.
///
/// ```swift
/// UpdateRows("tasks").set("attempts", .sql("attempts + 1")).set("status", status)
/// ```
public enum SQLTerm: Sendable {
    /// A value to bind.
    case value(Value)
    /// A piece of SQL, such as `attempts + 1`.
    case sql(SQL)
    /// A truth value that tells whether the condition holds.
    case condition(Condition)
    /// The result of a query. The text has parentheses around the query.
    case select(SelectRows)
}
