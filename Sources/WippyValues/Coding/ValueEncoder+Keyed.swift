/// A map that a type writes by its keys.
struct ValueKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoding: ValueEncoding

    var codingPath: [any CodingKey] { encoding.codingPath }

    private func set(_ value: Value, _ key: Key) {
        encoding.pairs.append((key: key.stringValue, value: value))
    }

    private func step(_ key: Key) -> ValueCodingStep {
        .key(key.stringValue)
    }

    func encodeNil(forKey key: Key) {
        set(.null, key)
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        set(try encoding.encode(value, at: step(key)), key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        child(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        child(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        encoding.child(at: .key("super"), index: encoding.appendPair("super"))
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        child(key)
    }

    private func child(_ key: Key) -> ValueEncoding {
        encoding.child(at: step(key), index: encoding.appendPair(key.stringValue))
    }
}

extension ValueKeyedEncoding {
    // The standard library encodes each of these types by a separate method, and none of them needs an encoder.

    func encode(_ value: Bool, forKey key: Key) {
        set(.bool(value), key)
    }

    func encode(_ value: String, forKey key: Key) {
        set(.string(value), key)
    }

    func encode(_ value: Double, forKey key: Key) {
        set(.float(value), key)
    }

    func encode(_ value: Float, forKey key: Key) {
        set(.float(Double(value)), key)
    }

    func encode(_ value: Int, forKey key: Key) {
        set(.integer(value), key)
    }

    func encode(_ value: Int8, forKey key: Key) {
        set(.integer(Int(value)), key)
    }

    func encode(_ value: Int16, forKey key: Key) {
        set(.integer(Int(value)), key)
    }

    func encode(_ value: Int32, forKey key: Key) {
        set(.integer(Int(value)), key)
    }

    func encode(_ value: Int64, forKey key: Key) {
        set(.integer(Int(value)), key)
    }

    func encode(_ value: UInt, forKey key: Key) throws {
        set(try encoding.integer(value, at: step(key)), key)
    }

    func encode(_ value: UInt8, forKey key: Key) {
        set(.integer(Int(value)), key)
    }

    func encode(_ value: UInt16, forKey key: Key) {
        set(.integer(Int(value)), key)
    }

    func encode(_ value: UInt32, forKey key: Key) {
        set(.integer(Int(value)), key)
    }

    func encode(_ value: UInt64, forKey key: Key) throws {
        set(try encoding.integer(value, at: step(key)), key)
    }

    func encode(_ value: Int128, forKey key: Key) throws {
        set(try encoding.integer(value, at: step(key)), key)
    }

    func encode(_ value: UInt128, forKey key: Key) throws {
        set(try encoding.integer(value, at: step(key)), key)
    }
}
