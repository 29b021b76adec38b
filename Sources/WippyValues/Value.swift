import WippyText

/// A piece of data without a Swift type: what crosses the borders between JSON, messages, databases, handlers and
/// scripts.
///
/// Shapes that look alike stay apart: an empty list is not an empty map, a whole number is not a float of the same
/// size, bytes are not a string, and `.null` is a value where a missing key is none.
///
/// Two values are equal if they have the same case and the same content. Text is compared by its UTF-8 bytes, as
/// databases and JSON do, so a composed and a decomposed "é" differ although Swift's `String` calls them equal. As
/// everywhere, a float that is not a number differs from itself, and zero equals negative zero.
public enum Value: Sendable {
    /// The absence of a value, written down: JSON's and SQL's `null`, Lua's `nil`.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number of 64 bits with a sign.
    case integer(Int)
    /// A whole number past the greatest `Int`, up to the greatest `UInt64`; smaller ones are `.integer`.
    case unsigned(UInt64)
    /// A binary floating-point number of 64 bits; infinities and not-a-number are allowed here (JSON writes them as
    /// `null`).
    case float(Double)
    /// Text.
    case string(String)
    /// Bytes that are not text; JSON writes them as Base64 text.
    case bytes([UInt8])
    /// Values in an order.
    case list([Value])
    /// Values by their names, each name once.
    case map(ValueMap)
}

extension Value {
    /// The truth value, or nil if this is not one.
    @inlinable public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// A whole number, or nil for one past 64 bits.
    public init?(exactly whole: some BinaryInteger) {
        if let whole = Int(exactly: whole) {
            self = .integer(whole)
        } else if let whole = UInt64(exactly: whole) {
            self = .unsigned(whole)
        } else {
            return nil
        }
    }

    /// The whole number, or nil if this is not one or is past the range of `Int`.
    ///
    /// A float below 2^53 without a fraction counts, since JSON text and scripts do not always keep `3` and `3.0`
    /// apart. From 2^53 on a float stands for several whole numbers, and so for none.
    @inlinable public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .float(let value) where value.magnitude < 0x1p53: Int(exactly: value)
        default: nil
        }
    }

    /// The number as a float, or nil if this is not a number; a whole number past 2^53 is rounded to the nearest float.
    @inlinable public var float: Double? {
        switch self {
        case .float(let value): value
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        default: nil
        }
    }

    /// The text, or nil if this is not text.
    @inlinable public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The bytes, or nil if this is not bytes; text is not.
    @inlinable public var bytes: [UInt8]? {
        if case .bytes(let value) = self { value } else { nil }
    }

    /// The elements, or nil if this is not a list.
    @inlinable public var list: [Value]? {
        if case .list(let value) = self { value } else { nil }
    }

    /// The map, or nil if this is not one.
    @inlinable public var map: ValueMap? {
        if case .map(let value) = self { value } else { nil }
    }

    /// Whether this is `.null`.
    @inlinable public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The value of a key, or nil if this is not a map or has no such key.
    @inlinable public subscript(key: String) -> Value? {
        if case .map(let map) = self { map[key] } else { nil }
    }

    /// The element at a position that counts from 0, or nil if this is not a list or is shorter.
    @inlinable public subscript(index: Int) -> Value? {
        guard case .list(let list) = self, list.indices.contains(index) else { return nil }
        return list[index]
    }

    /// What this is, with its article, for sentences: "a string", "a list", "null".
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
    /// Whether both have the same case and the same content, text by its bytes.
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

    /// Feeds the case and the content to the hasher.
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
