import WippyText

/// A map that a type reads by its keys.
struct ValueKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoding: ValueDecoding
    let map: ValueMap

    var codingPath: [any CodingKey] { decoding.codingPath }
    var allKeys: [Key] {
        decoding.hasEquivalentKeys = map.hasEquivalentKeys
        return map.compactMap { pair in
            // The compiler's keys are found by Unicode equivalence.
            Key(stringValue: pair.key).flatMap { ExactText.areEqual($0.stringValue, pair.key) ? $0 : nil }
        }
    }

    func contains(_ key: Key) -> Bool {
        map.index(of: key.stringValue) != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        try value(key).isNull
    }

    private func value(_ key: Key) throws -> Value {
        guard !decoding.hasEquivalentKeys else {
            throw decoding.error("has two keys that look the same but differ in their bytes")
        }
        guard let value = map[key.stringValue] else { throw decoding.error("is missing", at: step(key)) }
        return value
    }

    /// The value of a key; nil if the key is missing, or if its value is null.
    private func valueIfPresent(_ key: Key) -> Value? {
        guard let value = map[key.stringValue], !value.isNull else { return nil }
        return value
    }

    private func step(_ key: Key) -> ValueCodingStep {
        .key(key.stringValue)
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try decoding.decode(type, value(key), at: step(key))
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.decode(type, value, at: step(key))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try ValueDecoding(value(key), in: decoding, at: step(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try ValueDecoding(value(key), in: decoding, at: step(key)).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        ValueDecoding(map["super"] ?? .null, in: decoding, at: .key("super"))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        ValueDecoding(map[key.stringValue] ?? .null, in: decoding, at: step(key))
    }
}

extension ValueMap {
    /// True if a dictionary with `String` keys would lose a pair, because two keys with different bytes are equal for
    /// Swift.
    fileprivate var hasEquivalentKeys: Bool {
        guard pairs.contains(where: { $0.0.utf8.contains { $0 >= 0x80 } }) else { return false }
        return Dictionary(pairs.map { ($0.0, ()) }) { first, _ in first }.count < pairs.count
    }
}

extension ValueKeyedDecoding {
    // The standard library asks for each of these types by a separate method. Each method makes one look-up and needs
    // no decoder.

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try decoding.bool(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.bool(value, at: step(key))
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try decoding.string(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.string(value, at: step(key))
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try decoding.double(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.double(value, at: step(key))
    }

    func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
        try decoding.float(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.float(value, at: step(key))
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
        try decoding.integer(value(key), at: step(key))
    }

    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
        guard let value = valueIfPresent(key) else { return nil }
        return try decoding.integer(value, at: step(key))
    }

    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try decoding.integer(value(key), at: step(key))
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try decoding.integer(value(key), at: step(key))
    }
}
