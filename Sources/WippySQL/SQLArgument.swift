import WippyRuntime
public import WippyValues

/// A value that a statement can bind: text, numbers, truth values (as 1 and 0), bytes, ids, `Value`, and optionals of
/// them, where nil is NULL.
///
/// A list is only for conditions (`IN`). A list or a map for a placeholder is refused as `Invalid`.
public protocol SQLArgument: Sendable {
    /// The value that is bound.
    var sqlValue: Value { get }
}

extension Value: SQLArgument {
    /// The value itself.
    public var sqlValue: Value { self }
}

extension String: SQLArgument {
    /// The text.
    public var sqlValue: Value { .string(self) }
}

extension Substring: SQLArgument {
    /// The text.
    public var sqlValue: Value { .string(String(self)) }
}

extension Bool: SQLArgument {
    /// The truth value.
    public var sqlValue: Value { .bool(self) }
}

extension Double: SQLArgument {
    /// The number.
    public var sqlValue: Value { .float(self) }
}

extension Float: SQLArgument {
    /// The number.
    public var sqlValue: Value { .float(Double(self)) }
}

extension SQLArgument where Self: FixedWidthInteger {
    /// The number; the digits as text of one that 64 bits with a sign cannot hold.
    public var sqlValue: Value { Int(exactly: self).map { .integer($0) } ?? .string(String(self)) }
}

// The unsigned types of 64 bits are left out: a database would not give back every number that they hold.
extension Int: SQLArgument {}
extension Int64: SQLArgument {}
extension Int32: SQLArgument {}
extension Int16: SQLArgument {}
extension Int8: SQLArgument {}
extension UInt32: SQLArgument {}
extension UInt16: SQLArgument {}
extension UInt8: SQLArgument {}

extension UniqueID: SQLArgument {
    /// The id as text.
    public var sqlValue: Value { .string(description) }
}

extension Optional: SQLArgument where Wrapped: SQLArgument {
    /// The value, or NULL.
    public var sqlValue: Value { self?.sqlValue ?? .null }
}

extension Array: SQLArgument where Element: SQLArgument {
    /// Bytes for an array of `UInt8`, else a list.
    public var sqlValue: Value {
        // An empty array of anything can be cast, so the element is asked first.
        if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .bytes(bytes) }
        return .list(map(\.sqlValue))
    }
}
