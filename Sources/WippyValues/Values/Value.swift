import WippyText

/// Data without a Swift type of its own, such as the content of JSON, messages, databases and scripts.
///
/// Similar values stay different: an empty list is not an empty map, a whole number is not a float, and bytes are not a
/// string. A key with the value `.null` is not a missing key.
public enum Value: Sendable {
    /// The null value, as in JSON and SQL.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number of 64 bits with a sign.
    case integer(Int)
    /// A whole number above the greatest `Int`, up to the greatest `UInt64`.
    ///
    /// For a number that fits into `Int`, use `.integer`, as ``init(exactly:)`` does.
    case unsigned(UInt64)
    /// A floating-point number of 64 bits.
    ///
    /// It may be infinite or not-a-number, which JSON writes as `null`.
    case float(Double)
    /// Text.
    case string(String)
    /// Bytes that are not text.
    ///
    /// JSON writes them as Base64 text.
    case bytes([UInt8])
    /// A list of values.
    case list([Value])
    /// Values by key.
    ///
    /// Each key occurs once.
    case map(ValueMap)
}

extension Value {
    /// Returns true if lists and maps nest deeper than a number of levels.
    package func nests(deeperThan levels: Int) -> Bool {
        switch self {
        case .list(let list): levels < 1 || list.contains { $0.nests(deeperThan: levels - 1) }
        case .map(let map): levels < 1 || map.contains { $0.value.nests(deeperThan: levels - 1) }
        default: false
        }
    }
}

extension Value {
    /// The truth value; nil for any other value.
    @inlinable public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// Creates a whole number; nil if the number is below the least `Int` or above the greatest `UInt64`.
    public init?(exactly whole: some BinaryInteger) {
        if let whole = Int(exactly: whole) {
            self = .integer(whole)
        } else if let whole = UInt64(exactly: whole) {
            self = .unsigned(whole)
        } else {
            return nil
        }
    }

    /// The whole number; nil for any other value, and for a number outside the range of `Int`.
    ///
    /// A float between -2^53 and 2^53 without a fraction counts as a whole number, because JSON text and scripts do not
    /// always distinguish `3` and `3.0`. Any other float does not count.
    @inlinable public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .float(let value) where value.magnitude < 0x1p53: Int(exactly: value)
        default: nil
        }
    }

    /// The number as a float; nil if the value is not a number.
    ///
    /// A whole number beyond 2^53 is rounded to the nearest float.
    @inlinable public var float: Double? {
        switch self {
        case .float(let value): value
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        default: nil
        }
    }

    /// The text; nil for any other value.
    @inlinable public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The bytes; nil for any other value, even for text.
    @inlinable public var bytes: [UInt8]? {
        if case .bytes(let value) = self { value } else { nil }
    }

    /// The elements of the list; nil for any other value.
    @inlinable public var list: [Value]? {
        if case .list(let value) = self { value } else { nil }
    }

    /// The map; nil for any other value.
    @inlinable public var map: ValueMap? {
        if case .map(let value) = self { value } else { nil }
    }

    /// True for `.null`.
    @inlinable public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The value of a key; nil if this is not a map, or if the map has no such key.
    @inlinable public subscript(key: String) -> Value? {
        if case .map(let map) = self { map[key] } else { nil }
    }

    /// The element at an index, counted from 0; nil if this is not a list, or if the list has no such element.
    @inlinable public subscript(index: Int) -> Value? {
        guard case .list(let list) = self, list.indices.contains(index) else { return nil }
        return list[index]
    }

    /// The type in words for error messages, such as "a string" or "null".
    public var kindWithArticle: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .unsigned: "a whole number"
        case .float(let value): value.isFinite && value.rounded() != value ? "a number with a fraction" : "a number"
        case .string: "a string"
        case .bytes: "bytes"
        case .list: "a list"
        case .map: "a map"
        }
    }
}

extension Value: Hashable {
    /// True if both have the same case and equal content.
    ///
    /// Text is compared by its UTF-8 bytes, and floats as Swift compares them.
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.unsigned(let left), .unsigned(let right)): left == right
        case (.float(let left), .float(let right)): left == right
        case (.string(let left), .string(let right)): ExactText.areEqual(left, right)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        default: false
        }
    }

    /// Hashes the case and the content.
    public func hash(into hasher: inout Hasher) {
        func combine(_ number: UInt8, _ value: some Hashable) {
            hasher.combine(number)
            hasher.combine(value)
        }
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value): hasher.combine(value ? 1 : 2 as UInt8)
        case .integer(let value): combine(3, value)
        case .float(let value): combine(4, value)
        case .string(let value):
            hasher.combine(5 as UInt8)
            ExactText.hash(value, into: &hasher)
        case .bytes(let value): combine(6, value)
        case .list(let value): combine(7, value)
        case .map(let value): combine(8, value)
        case .unsigned(let value): combine(9, value)
        }
    }
}
