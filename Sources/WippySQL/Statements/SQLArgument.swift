import WippyRuntime
public import WippyValues

/// A value that a statement can bind.
///
/// Text, most numbers, truth values, bytes, `UniqueID`s, `Value`s and optionals of these conform. Nil is bound as NULL.
///
/// A list is for the conditions `equal` and `notEqual`, such as ``Condition/equal(_:_:)``. Any other list and any map
/// make the call throw `Invalid`.
public protocol SQLArgument: Sendable {
    /// The value to bind.
    var sqlValue: Value { get }
}

extension Value: SQLArgument {
    /// This value.
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
    /// The number.
    ///
    /// A number outside the range of `Int` becomes its decimal text, with a sign if it is negative.
    public var sqlValue: Value { Int(exactly: self).map { .integer($0) } ?? .string(String(self)) }
}

// `UInt` and `UInt64` are left out, because a database cannot store all of their numbers.
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
    /// The wrapped value; NULL for nil.
    public var sqlValue: Value { self?.sqlValue ?? .null }
}

extension Array: SQLArgument where Element: SQLArgument {
    /// Bytes for an array of `UInt8`, otherwise a list.
    public var sqlValue: Value {
        // An empty array can be cast to any array type, so the element's type is checked first.
        if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .bytes(bytes) }
        return .list(map(\.sqlValue))
    }
}
