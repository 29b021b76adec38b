/// A list that a type writes element by element.
struct ValueUnkeyedEncoding: UnkeyedEncodingContainer {
    let encoding: ValueEncoding

    var codingPath: [any CodingKey] { encoding.codingPath }
    var count: Int { encoding.elements.count }

    private var step: ValueCodingStep { .index(count) }

    func encodeNil() {
        encoding.elements.append(.null)
    }

    func encode<T: Encodable>(_ value: T) throws {
        encoding.elements.append(try encoding.encode(value, at: step))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        child().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        child().unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        child()
    }

    private func child() -> ValueEncoding {
        let step = step
        encodeNil()
        return encoding.child(at: step, index: count - 1)
    }
}

extension ValueUnkeyedEncoding {
    // Elements of the standard library's types need no encoder.

    func encode(_ value: Bool) {
        encoding.elements.append(.bool(value))
    }

    func encode(_ value: String) {
        encoding.elements.append(.string(value))
    }

    func encode(_ value: Double) {
        encoding.elements.append(.float(value))
    }

    func encode(_ value: Float) {
        encoding.elements.append(.float(Double(value)))
    }

    func encode(_ value: Int) {
        encoding.elements.append(.integer(value))
    }

    func encode(_ value: Int8) {
        encoding.elements.append(.integer(Int(value)))
    }

    func encode(_ value: Int16) {
        encoding.elements.append(.integer(Int(value)))
    }

    func encode(_ value: Int32) {
        encoding.elements.append(.integer(Int(value)))
    }

    func encode(_ value: Int64) {
        encoding.elements.append(.integer(Int(value)))
    }

    func encode(_ value: UInt) throws {
        encoding.elements.append(try encoding.integer(value, at: step))
    }

    func encode(_ value: UInt8) {
        encoding.elements.append(.integer(Int(value)))
    }

    func encode(_ value: UInt16) {
        encoding.elements.append(.integer(Int(value)))
    }

    func encode(_ value: UInt32) {
        encoding.elements.append(.integer(Int(value)))
    }

    func encode(_ value: UInt64) throws {
        encoding.elements.append(try encoding.integer(value, at: step))
    }

    func encode(_ value: Int128) throws {
        encoding.elements.append(try encoding.integer(value, at: step))
    }

    func encode(_ value: UInt128) throws {
        encoding.elements.append(try encoding.integer(value, at: step))
    }
}
