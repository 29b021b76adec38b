extension ValueEncoding: SingleValueEncodingContainer {
    func encodeNil() {
        set(.null)
    }

    func encode<T: Encodable>(_ value: T) throws {
        set(try encode(value, at: nil))
    }

    func encode(_ value: Bool) {
        set(.bool(value))
    }

    func encode(_ value: String) {
        set(.string(value))
    }

    func encode(_ value: Double) {
        set(.float(value))
    }

    func encode(_ value: Float) {
        set(.float(Double(value)))
    }

    func encode(_ value: Int) {
        set(.integer(value))
    }

    func encode(_ value: Int8) {
        set(.integer(Int(value)))
    }

    func encode(_ value: Int16) {
        set(.integer(Int(value)))
    }

    func encode(_ value: Int32) {
        set(.integer(Int(value)))
    }

    func encode(_ value: Int64) {
        set(.integer(Int(value)))
    }

    func encode(_ value: UInt) throws {
        set(try integer(value, at: nil))
    }

    func encode(_ value: UInt8) {
        set(.integer(Int(value)))
    }

    func encode(_ value: UInt16) {
        set(.integer(Int(value)))
    }

    func encode(_ value: UInt32) {
        set(.integer(Int(value)))
    }

    func encode(_ value: UInt64) throws {
        set(try integer(value, at: nil))
    }

    func encode(_ value: Int128) throws {
        set(try integer(value, at: nil))
    }

    func encode(_ value: UInt128) throws {
        set(try integer(value, at: nil))
    }
}
