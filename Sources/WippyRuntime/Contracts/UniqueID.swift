/// A UUID (RFC 9562), written in lower case with dashes.
public struct UniqueID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// The id of 128 given bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A random id: version 4.
    public static func v4() -> UniqueID {
        var random = SystemRandomNumberGenerator()
        return v4(from: &random)
    }

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
        var position = 0
        for nibble in 0..<32 {
            if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                unsafe text[position] = UInt8(ascii: "-")
                position += 1
            }
            let half = nibble < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - nibble % 16 * 4)) & 0xf
            unsafe text[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            position += 1
        }
    }
}
