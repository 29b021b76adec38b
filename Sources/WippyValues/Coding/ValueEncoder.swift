/// Encodes values of `Encodable` types as a ``Value``.
///
/// `[UInt8]` becomes `.bytes`. A nil that a type writes becomes `.null`; types with compiled conformance leave nil out.
/// Whole numbers below the least `Int` or past the greatest `UInt64` are an error. If a key is written twice, the last
/// value counts.
public struct ValueEncoder: Sendable {
    /// Information for the encoded types.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// Creates an encoder.
    public init() {}

    /// Encodes a value.
    ///
    /// - Throws: ``ValueCodingError`` with the field, or the error of the type's own `encode(to:)`.
    public func encode(_ value: some Encodable) throws -> Value {
        do {
            return try ValueEncoding(userInfo: userInfo).encode(value, at: nil)
        } catch let error as EncodingError {
            throw ValueCodingError(error)
        }
    }
}

/// A value while a type writes it, and how it is reached.
final class ValueEncoding: Encoder {
    /// What the type has begun to write.
    private enum Shape {
        case nothing
        case single(Value)
        case map
        case list
    }

    private var shape = Shape.nothing
    /// In the order written, if this is a map.
    var pairs: [(String, Value)] = []
    /// In order, if this is a list.
    var elements: [Value] = []
    /// Parts that were handed out to be filled, and where in the pairs or elements they belong.
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

    /// Makes room for the value of a key and says where.
    func appendPair(_ key: String) -> Int {
        pairs.append((key, .null))
        return pairs.count - 1
    }

    /// Hands out a part that is filled until the whole is finished.
    func child(at step: ValueCodingStep, index: Int) -> ValueEncoding {
        let child = ValueEncoding(in: self, at: step)
        children.append((index, child))
        return child
    }

    /// Encodes a part at once, without an encoder of its own where the type needs none.
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

    /// A whole number that may be beyond the range of `Int`.
    func integer(_ value: some FixedWidthInteger, at step: ValueCodingStep?) throws -> Value {
        guard let whole = Value(exactly: value) else {
            let path = ValueCodingStep.path(codingPath + (step.map { [$0.codingKey] } ?? []))
            throw ValueCodingError(path: path, problem: "must be a whole number from \(Int.min) through \(UInt64.max)")
        }
        return whole
    }

    /// Lets go of the parts that were handed out, which hold on to this for their coding paths.
    private func releaseChildren() {
        for child in children { child.encoding.releaseChildren() }
        children = []
    }

    /// What was written; an empty map if the type wrote nothing.
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
