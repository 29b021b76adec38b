/// A list that a type reads element by element.
struct ValueUnkeyedDecoding: UnkeyedDecodingContainer {
    let decoding: ValueDecoding
    let list: [Value]
    private(set) var currentIndex = 0

    init(decoding: ValueDecoding, list: [Value]) {
        self.decoding = decoding
        self.list = list
    }

    var codingPath: [any CodingKey] { decoding.codingPath }
    var count: Int? { list.count }
    var isAtEnd: Bool { currentIndex >= list.count }

    mutating func decodeNil() throws -> Bool {
        let isNull = try current().isNull
        if isNull { currentIndex += 1 }
        return isNull
    }

    private func current() throws -> Value {
        guard currentIndex < list.count else { throw decoding.error("is missing", at: .index(currentIndex)) }
        return list[currentIndex]
    }

    /// Reads the current element, and goes to the next one if that succeeds.
    @inline(__always)
    private mutating func next<T>(_ read: (ValueDecoding, Value, ValueCodingStep) throws -> T) throws -> T {
        let result = try read(decoding, current(), .index(currentIndex))
        currentIndex += 1
        return result
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try next { try $0.decode(type, $1, at: $2) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try next { try ValueDecoding($1, in: $0, at: $2).container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next { try ValueDecoding($1, in: $0, at: $2).unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        try next { ValueDecoding($1, in: $0, at: $2) }
    }
}

extension ValueUnkeyedDecoding {
    // Elements of the standard library's types need no decoder.

    mutating func decode(_ type: Bool.Type) throws -> Bool {
        try next { try $0.bool($1, at: $2) }
    }

    mutating func decode(_ type: String.Type) throws -> String {
        try next { try $0.string($1, at: $2) }
    }

    mutating func decode(_ type: Double.Type) throws -> Double {
        try next { try $0.double($1, at: $2) }
    }

    mutating func decode(_ type: Float.Type) throws -> Float {
        try next { try $0.float($1, at: $2) }
    }

    mutating func decode(_ type: Int.Type) throws -> Int {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: Int8.Type) throws -> Int8 {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: Int16.Type) throws -> Int16 {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: Int32.Type) throws -> Int32 {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: Int64.Type) throws -> Int64 {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: UInt.Type) throws -> UInt {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: UInt8.Type) throws -> UInt8 {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: UInt16.Type) throws -> UInt16 {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: UInt32.Type) throws -> UInt32 {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: UInt64.Type) throws -> UInt64 {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: Int128.Type) throws -> Int128 {
        try next { try $0.integer($1, at: $2) }
    }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 {
        try next { try $0.integer($1, at: $2) }
    }
}
