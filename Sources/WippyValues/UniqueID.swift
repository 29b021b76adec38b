import Synchronization

/// A UUID (RFC 9562), written in lower case with dashes.
public struct UniqueID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// The id of 128 given bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A random id: version 4, from the system's secure randomness.
    public static func v4() -> UniqueID {
        random.withLock { v4(from: &$0) }
    }

    private static let random = Mutex(BufferedRandomNumberGenerator())

    /// A random id of a given source of randomness.
    public static func v4(from random: inout some RandomNumberGenerator) -> UniqueID {
        UniqueID(
            high: random.next() & 0xffff_ffff_ffff_0fff | 0x4000,
            low: random.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000)
    }
}

extension UniqueID: CustomStringConvertible {
    /// The usual form: `550e8400-e29b-41d4-a716-446655440000`.
    public var description: String {
        unsafe String(unsafeUninitializedCapacity: 36) { text in
            unsafe write(into: text)
            return 36
        }
    }

    private func write(into text: UnsafeMutableBufferPointer<UInt8>) {
        unsafe write(high >> 32, digits: 8, into: text, at: 0)
        unsafe write(high >> 16, digits: 4, into: text, at: 9)
        unsafe write(high, digits: 4, into: text, at: 14)
        unsafe write(low >> 48, digits: 4, into: text, at: 19)
        unsafe write(low, digits: 12, into: text, at: 24)
        for dash in stride(from: 8, through: 23, by: 5) { unsafe text[dash] = UInt8(ascii: "-") }
    }

    /// Writes the lowest hexadecimal digits of a number.
    private func write(
        _ number: UInt64, digits: Int, into text: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) {
        var rest = number
        for position in (start..<start + digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: rest & 0xf)
            unsafe text[position] = UInt8(ascii: "0") + digit + (digit > 9 ? 39 : 0)
            rest >>= 4
        }
    }
}
