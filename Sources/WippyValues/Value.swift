import WippyText

/// Data without a Swift type.
///
/// It travels between JSON, messages, databases, handlers and scripts.
///
/// Similar values stay different: an empty list is no empty map, a whole number is no float, bytes are no string, and
/// `.null` is a value while a missing key is none.
///
/// Two values are equal if they have the same case and the same content. Text is compared by its UTF-8 bytes, as in
/// databases and JSON, so a composed and a decomposed "é" differ. As usual, not-a-number differs from itself, and zero
/// equals negative zero.
public enum Value: Sendable {
    /// No value: `null` in JSON and SQL, `nil` in Lua.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number of 64 bits with a sign.
    case integer(Int)
    /// A whole number past the greatest `Int`, up to the greatest `UInt64`. Smaller ones are `.integer`.
    case unsigned(UInt64)
    /// A floating-point number of 64 bits. Infinities and not-a-number are allowed; JSON writes them as `null`.
    case float(Double)
    /// Text.
    case string(String)
    /// Bytes that are no text. JSON writes them as Base64 text.
    case bytes([UInt8])
    /// A list of values.
    case list([Value])
    /// Values by name. Each name occurs once.
    case map(ValueMap)
}

extension Value {
    /// The truth value; nil if this is none.
    @inlinable public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// Creates a whole number; nil for one past 64 bits.
    public init?(exactly whole: some BinaryInteger) {
        if let whole = Int(exactly: whole) {
            self = .integer(whole)
        } else if let whole = UInt64(exactly: whole) {
            self = .unsigned(whole)
        } else {
            return nil
        }
    }

    /// The whole number; nil if this is none or is past the range of `Int`.
    ///
    /// A float below 2^53 without a fraction counts, because JSON text and scripts do not always distinguish `3` and
    /// `3.0`. From 2^53 on a float stands for several whole numbers, so it does not count.
    @inlinable public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .float(let value) where value.magnitude < 0x1p53: Int(exactly: value)
        default: nil
        }
    }

    /// The number as a float; nil if this is no number.
    ///
    /// A whole number past 2^53 is rounded to the nearest float.
    @inlinable public var float: Double? {
        switch self {
        case .float(let value): value
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        default: nil
        }
    }

    /// The text; nil if this is none.
    @inlinable public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The bytes; nil if this is none, also for text.
    @inlinable public var bytes: [UInt8]? {
        if case .bytes(let value) = self { value } else { nil }
    }

    /// The elements; nil if this is no list.
    @inlinable public var list: [Value]? {
        if case .list(let value) = self { value } else { nil }
    }

    /// The map; nil if this is none.
    @inlinable public var map: ValueMap? {
        if case .map(let value) = self { value } else { nil }
    }

    /// Whether this is `.null`.
    @inlinable public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The value of a key; nil if this is no map or has no such key.
    @inlinable public subscript(key: String) -> Value? {
        if case .map(let map) = self { map[key] } else { nil }
    }

    /// The element at a position, counted from 0; nil if this is no list or is shorter.
    @inlinable public subscript(index: Int) -> Value? {
        guard case .list(let list) = self, list.indices.contains(index) else { return nil }
        return list[index]
    }

    /// The type in words, with an article: "a string", "a list", "null".
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
