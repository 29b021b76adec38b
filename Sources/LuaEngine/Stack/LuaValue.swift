/// A copy of a Lua value outside its state, for calls, messages and modules.
public enum LuaValue: Sendable, Equatable {
    case `nil`
    case bool(Bool)
    case integer(Int)
    case number(Double)
    /// A string, which may hold any bytes.
    case bytes([UInt8])
    /// A table with the keys 1 to n.
    case array([LuaValue])
    /// Any other table, with its keys as text, in no particular order.
    ///
    /// An empty table of a script is an object.
    case object([(key: [UInt8], value: LuaValue)])

    /// Creates a string from a text.
    public static func string(_ text: String) -> LuaValue { .bytes(Array(text.utf8)) }

    /// The text of a string; nil for other values.
    ///
    /// Invalid UTF-8 becomes U+FFFD.
    public var string: String? {
        if case .bytes(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    /// The approximate number of bytes that the value takes.
    var size: Int {
        switch self {
        case .nil, .bool, .integer, .number: 16
        case .bytes(let bytes): 48 + bytes.count
        case .array(let elements): elements.reduce(48) { $0 + $1.size }
        case .object(let pairs): pairs.reduce(48) { $0 + 48 + $1.key.count + $1.value.size }
        }
    }

    /// True if both are the same value of the same kind.
    ///
    /// The order of an object's fields does not count.
    public static func == (left: LuaValue, right: LuaValue) -> Bool {
        switch (left, right) {
        case (.nil, .nil): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.bytes(let left), .bytes(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.allSatisfy { pair in right.contains { $0.key == pair.key && $0.value == pair.value } }
        default: false
        }
    }
}

extension LuaValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    /// Creates a string from a text literal.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates an integer from a literal such as `42`.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// Creates a float from a literal such as `0.5`.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// Creates a truth value from `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
