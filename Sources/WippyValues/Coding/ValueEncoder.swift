/// Encodes values of `Encodable` types as a ``Value``.
///
/// `[UInt8]` becomes `.bytes`. A nil that a type encodes becomes `.null`. An `encode(to:)` that the compiler generates
/// leaves out properties that are nil. A whole number below the least `Int` or above the greatest `UInt64` is an
/// error. If a type encodes two values with one key, the last value is kept.
public struct ValueEncoder: Sendable {
    /// Information that the encoded types can read while they are encoded.
    ///
    /// Default: none.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// Creates an encoder.
    public init() {}

    /// Encodes a value.
    ///
    /// - Throws: ``ValueCodingError`` with the field and its problem. If the type's own `encode(to:)` throws an
    ///   `EncodingError`, it becomes a ``ValueCodingError``. Any other error of the type passes unchanged.
    public func encode(_ value: some Encodable) throws -> Value {
        do {
            return try ValueEncoding(userInfo: userInfo).encode(value, at: nil)
        } catch let error as EncodingError {
            throw ValueCodingError(error)
        }
    }
}

/// A value that a type writes, with the path to it.
final class ValueEncoding: Encoder {
    /// The sort of value that the type has begun to write.
    private enum Shape {
        case nothing
        case single(Value)
        case map
        case list
    }

    private var shape = Shape.nothing
    /// The pairs of a map, in the order in which they were written.
    var pairs: [(String, Value)] = []
    /// The elements of a list, in order.
    var elements: [Value] = []
    /// The parts that the type fills later, each with its index in the pairs or elements.
    private var children: [(index: Int, encoding: ValueEncoding)] = []
    private let parent: ValueEncoding?
    private let step: ValueCodingStep?
    private let information: [CodingUserInfoKey: any Sendable]

    init(userInfo: [CodingUserInfoKey: any Sendable]) {
        parent = nil
        step = nil
        information = userInfo
    }

    private init(in parent: ValueEncoding, at step: ValueCodingStep?) {
        self.parent = parent
        self.step = step
        information = parent.information
    }

    var userInfo: [CodingUserInfoKey: Any] { information }

    var codingPath: [any CodingKey] {
        (parent?.codingPath ?? []) + (step.map { [$0.codingKey] } ?? [])
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .map = shape {
        } else {
            shape = .map
            pairs.reserveCapacity(4)
        }
        return KeyedEncodingContainer(ValueKeyedEncoding(encoding: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        shape = .list
        return ValueUnkeyedEncoding(encoding: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        self
    }

    func set(_ value: Value) {
        shape = .single(value)
    }

    /// Adds a key without a value, and returns the index for the value.
    func appendPair(_ key: String) -> Int {
        pairs.append((key, .null))
        return pairs.count - 1
    }

    /// Creates an encoder for a part, which the type can fill until the whole value is finished.
    func child(at step: ValueCodingStep, index: Int) -> ValueEncoding {
        let child = ValueEncoding(in: self, at: step)
        children.append((index, child))
        return child
    }

    /// Encodes a part at once.
    ///
    /// An encoder is created only for types that need one.
    func encode<T: Encodable>(_ value: T, at step: @autoclosure () -> ValueCodingStep?) throws -> Value {
        if T.self == Value.self, let value = value as? Value { return value }
        if T.self == String.self, let value = value as? String { return .string(value) }
        if T.self == Int.self, let value = value as? Int { return .integer(value) }
        if T.self == [UInt8].self, let value = value as? [UInt8] { return .bytes(value) }
        let child = ValueEncoding(in: self, at: step())
        defer { child.releaseChildren() }
        try value.encode(to: child)
        return child.finish()
    }

    /// Encodes a whole number that may be outside the range of `Int`.
    func integer(_ value: some FixedWidthInteger, at step: ValueCodingStep?) throws -> Value {
        guard let whole = Value(exactly: value) else {
            let path = ValueCodingStep.path(codingPath + (step.map { [$0.codingKey] } ?? []))
            throw ValueCodingError(path: path, problem: "must be a whole number from \(Int.min) through \(UInt64.max)")
        }
        return whole
    }

    /// Releases the encoders of the parts, which refer to this object for their coding paths.
    private func releaseChildren() {
        for child in children { child.encoding.releaseChildren() }
        children = []
    }

    /// Returns the written value; an empty map if the type wrote nothing.
    private func finish() -> Value {
        switch shape {
        case .nothing:
            return .map(ValueMap())
        case .single(let value):
            return value
        case .map:
            for child in children { pairs[child.index].1 = child.encoding.finish() }
            return .map(ValueMap(pairs, onRepeatedKey: .keepLast))
        case .list:
            for child in children { elements[child.index] = child.encoding.finish() }
            return .list(elements)
        }
    }
}
