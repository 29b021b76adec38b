/// Decodes values of `Decodable` types from a ``Value``.
///
/// A whole number must fit its type, and a fraction is never cut off. A float between -2^53 and 2^53 without a fraction
/// counts as a whole number. `[UInt8]` is read from `.bytes`, from a list of whole numbers, and from Base64 text, which
/// is the form of bytes in JSON. For an optional, a missing key and `null` both mean nil. Unknown keys are ignored.
public struct ValueDecoder: Sendable {
    /// Information that the decoded types can read while they are decoded.
    ///
    /// Default: none.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// Creates a decoder.
    public init() {}

    /// Decodes a value of a type.
    ///
    /// - Parameters:
    ///   - type: the type.
    ///   - value: the value to decode.
    /// - Throws: ``ValueCodingError`` with the field and its problem. If the type's own `init(from:)` throws a
    ///   `DecodingError`, it becomes a ``ValueCodingError``. Any other error of the type passes unchanged.
    public func decode<T: Decodable>(_ type: T.Type = T.self, from value: Value) throws -> T {
        do {
            return try ValueDecoding(value, userInfo: userInfo).decode(type)
        } catch let error as DecodingError {
            throw ValueCodingError(error)
        }
    }
}

/// A value that a type reads, with the path to it.
///
/// It is a class, so `any Decoder` needs no box, and the path is only a reference to the parent. The path is written
/// only for an error.
final class ValueDecoding: Decoder {
    let value: Value
    private let parent: ValueDecoding?
    private let step: ValueCodingStep
    private let information: [CodingUserInfoKey: any Sendable]
    /// True if a dictionary has asked for all keys, and two of them are equal as strings.
    var hasEquivalentKeys = false

    init(_ value: Value, userInfo: [CodingUserInfoKey: any Sendable]) {
        self.value = value
        parent = nil
        step = .index(0)
        information = userInfo
    }

    init(_ value: Value, in parent: ValueDecoding, at step: ValueCodingStep) {
        self.value = value
        self.parent = parent
        self.step = step
        information = parent.information
    }

    var userInfo: [CodingUserInfoKey: Any] { information }

    var codingPath: [any CodingKey] {
        guard let parent else { return [] }
        return parent.codingPath + [step.codingKey]
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .map(let map) = value else { throw mismatch("a map", value) }
        return KeyedDecodingContainer(ValueKeyedDecoding(decoding: self, map: map))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        switch value {
        case .list(let list): return ValueUnkeyedDecoding(decoding: self, list: list)
        case .bytes(let bytes): return ValueUnkeyedDecoding(decoding: self, list: bytes.map { .integer(Int($0)) })
        default: throw mismatch("a list", value)
        }
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        self
    }

    /// Returns an error with the expected and the found type, for this value or for a part of it.
    func mismatch(_ expected: String, _ found: Value, at step: ValueCodingStep? = nil) -> ValueCodingError {
        error("must be \(expected), got \(found.kindWithArticle)", at: step)
    }

    func error(_ problem: String, at step: ValueCodingStep? = nil) -> ValueCodingError {
        let keys = codingPath + (step.map { [$0.codingKey] } ?? [])
        return ValueCodingError(path: ValueCodingStep.path(keys), problem: problem)
    }
}

extension ValueDecoding {
    // Each method reads the given value: the value of this object, or the part of that value to which `step` leads.

    func bool(_ value: Value, at step: @autoclosure () -> ValueCodingStep?) throws -> Bool {
        guard case .bool(let value) = value else { throw mismatch("true or false", value, at: step()) }
        return value
    }

    func string(_ value: Value, at step: @autoclosure () -> ValueCodingStep?) throws -> String {
        guard case .string(let value) = value else { throw mismatch("a string", value, at: step()) }
        return value
    }

    func double(_ value: Value, at step: @autoclosure () -> ValueCodingStep?) throws -> Double {
        switch value {
        case .float(let value): return value
        case .integer(let value): return Double(value)
        case .unsigned(let value): return Double(value)
        default: throw mismatch("a number", value, at: step())
        }
    }

    func float(_ value: Value, at step: @autoclosure () -> ValueCodingStep?) throws -> Float {
        let double = try double(value, at: step())
        let float = Float(double)
        guard float.isFinite || !double.isFinite else {
            throw error("must be a number within the range of 32-bit floats", at: step())
        }
        return float
    }

    @inline(__always)
    func integer<T: FixedWidthInteger>(_ value: Value, at step: @autoclosure () -> ValueCodingStep?) throws -> T {
        switch value {
        case .integer(let whole):
            if let number = T(exactly: whole) { return number }
        case .unsigned(let whole):
            if let number = T(exactly: whole) { return number }
        case .float(let float):
            guard float.rounded(.towardZero) == float else { throw mismatch("a whole number", value, at: step()) }
            guard let number = T(exactly: float) else { break }
            guard float.magnitude < 0x1p53 else {
                throw error(
                    "must be a whole number, got a float past 2^53, which can stand for several whole "
                        + "numbers", at: step())
            }
            return number
        default:
            throw mismatch("a whole number", value, at: step())
        }
        throw error("must be a whole number from \(T.min) through \(T.max)", at: step())
    }

    /// Reads a value of any type.
    func decode<T: Decodable>(_ type: T.Type, _ value: Value, at step: ValueCodingStep) throws -> T {
        try common(type, value, at: step) ?? T(from: ValueDecoding(value, in: self, at: step))
    }

    /// Reads this value.
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try common(type, value, at: nil) ?? T(from: self)
    }

    /// Reads the types that need no decoder of their own; nil for any other type.
    ///
    /// For lists and dictionaries of these types, it is called once for each element.
    @inline(__always)
    private func common<T>(_ type: T.Type, _ value: Value, at step: ValueCodingStep?) throws -> T? {
        if type == Value.self { return value as? T }
        if type == String.self { return try string(value, at: step) as? T }
        if type == Int.self { return try (integer(value, at: step) as Int) as? T }
        if type == Double.self { return try double(value, at: step) as? T }
        if type == [UInt8].self { return try bytes(value, at: step) as? T }
        return nil
    }

    /// Reads bytes, or Base64 text as bytes; nil for a list, which is read element by element.
    private func bytes(_ value: Value, at step: ValueCodingStep?) throws -> [UInt8]? {
        switch value {
        case .bytes(let bytes): return bytes
        case .list: return nil
        case .string(let text):
            guard let bytes = Base64.decode(text.utf8Span.span) else {
                throw error("must be bytes as Base64 text", at: step)
            }
            return bytes
        default: throw mismatch("bytes", value, at: step)
        }
    }
}
