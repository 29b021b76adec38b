/// Builds a tree of its own type from the pieces of a JSON text.
///
/// The reader calls ``place(of:)`` where a value or a key begins, and another method when it has read the value or the
/// key.
public protocol JSONBuilder {
    /// The type of a value in the tree.
    associatedtype Built
    /// The type of a map's key in the tree.
    associatedtype Key
    /// The type of the place where a piece begins.
    ///
    /// Use `Void` if the builder needs no places.
    associatedtype Place

    /// Called at the beginning of each value or key.
    ///
    /// - Parameter offset: the number of bytes before it.
    /// - Returns: the place for the piece; nil to accept no more pieces. Then reading ends with an error at this
    ///   place.
    mutating func place(of offset: Int) -> Place?

    /// Returns a null.
    mutating func null(at place: Place) -> Built
    /// Returns a truth value.
    mutating func bool(_ value: Bool, at place: Place) -> Built
    /// Returns a number.
    ///
    /// - Parameters:
    ///   - value: the number.
    ///   - digits: the range of the number's text in `bytes`.
    ///   - bytes: the whole text.
    ///   - place: the place where the value begins.
    mutating func number(_ value: JSONNumber, _ digits: Range<Int>, of bytes: Span<UInt8>, at place: Place) -> Built
    /// Returns a string.
    mutating func string(_ text: String, at place: Place) -> Built
    /// Returns a list.
    mutating func list(_ elements: consuming [Built], at place: Place) -> Built
    /// Returns a key.
    mutating func key(_ text: String, at place: Place) -> Key
    /// Returns a map of pairs, which are in the order of the text.
    ///
    /// - Returns: nil to refuse a repeated key. Then reading ends with an error.
    mutating func map(_ pairs: consuming [(Key, Built)], at place: Place) -> Built?
}

/// A number that the reader of ``JSON`` passes to a builder.
public enum JSONNumber: Sendable {
    /// A whole number of 64 bits with a sign.
    case integer(Int)
    /// A whole number above the greatest `Int`, up to the greatest `UInt64`.
    case unsigned(UInt64)
    /// A number with a point or an exponent, or a whole number that fits neither of the other cases.
    ///
    /// It is always finite.
    case float(Double)
}

extension JSON {
    /// Reads one value from UTF-8 text with a builder, by the rules of ``decode(_:maxNesting:)-(Span<UInt8>,_)``.
    ///
    /// The builder decides whether a repeated key is an error.
    ///
    /// - Throws: `JSONError` with the broken rule and its place.
    public static func read<Builder: JSONBuilder>(
        _ bytes: Span<UInt8>, with builder: inout Builder, maxNesting: Int = JSON.maxNesting
    ) throws(JSONError) -> Builder.Built {
        var reader = JSONReader(builder, maxNesting: maxNesting)
        defer { builder = reader.builder }
        return try reader.read(bytes)
    }
}

/// A builder of ``Value`` trees.
///
/// It has no state, and the compiler inlines it into the reader.
struct ValueBuilder: JSONBuilder {
    @inline(__always)
    func place(of offset: Int) -> Void? { () }

    @inline(__always)
    func null(at place: Void) -> Value { .null }

    @inline(__always)
    func bool(_ value: Bool, at place: Void) -> Value { .bool(value) }

    @inline(__always)
    func number(_ value: JSONNumber, _ digits: Range<Int>, of bytes: Span<UInt8>, at place: Void) -> Value {
        switch value {
        case .integer(let value): .integer(value)
        case .unsigned(let value): .unsigned(value)
        case .float(let value): .float(value)
        }
    }

    @inline(__always)
    func string(_ text: String, at place: Void) -> Value { .string(text) }

    @inline(__always)
    func list(_ elements: consuming [Value], at place: Void) -> Value { .list(elements) }

    @inline(__always)
    func key(_ text: String, at place: Void) -> String { text }

    @inline(__always)
    func map(_ pairs: consuming [(String, Value)], at place: Void) -> Value? {
        ValueMap(unique: pairs).map(Value.map)
    }
}
