public import WippyValues

/// A value in a statement: a value to bind, or SQL that computes one.
///
/// ```swift
/// UpdateRows("tasks").set("attempts", .sql("attempts + 1")).set("status", status)
/// ```
public enum SQLTerm: Sendable {
    /// A value, which is bound.
    case value(Value)
    /// SQL as it is.
    case sql(SQL)
    /// Whether a condition holds.
    case condition(Condition)
    /// The result of a query.
    case select(Select)
}
