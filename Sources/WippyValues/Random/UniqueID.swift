import Synchronization
import WippyText

/// A UUID (RFC 9562), whose text is in lower case with dashes.
public struct UniqueID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// Creates an id from its 128 bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads an id in its usual form; nil for any other text.
    ///
    /// The form has 32 hexadecimal digits in upper or lower case, with dashes after the 8th, 12th, 16th and 20th
    /// digit.
    public init?(_ text: String) {
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        var count = 0
        for byte in text.utf8 {
            if [8, 13, 18, 23].contains(count) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = byte.hexDigitValue else { return nil }
                halves = (halves.high << 4 | halves.low >> 60, halves.low << 4 | UInt64(digit))
            }
            count += 1
        }
        guard count == 36 else { return nil }
        self.init(high: halves.high, low: halves.low)
    }

    /// Returns a random id (version 4) from the system's secure random numbers.
    public static func v4() -> UniqueID {
        random.withLock { v4(from: &$0) }
    }

    private static let random = Mutex(BufferedRandomNumberGenerator())

    /// Returns a random id (version 4) from your source of random numbers.
    public static func v4(from random: inout some RandomNumberGenerator) -> UniqueID {
        UniqueID(
            high: random.next() & 0xffff_ffff_ffff_0fff | 0x4000,
            low: random.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000)
    }

    /// Returns an id of version 7: the time, followed by random bits.
    ///
    /// Its bytes and its text sort after those of all earlier ids that this method has returned in this process.
    public static func v7() -> UniqueID {
        let nanoseconds = UnixTime.nanoseconds
        let now = UInt64(nanoseconds / 1_000_000) << 12 | UInt64(nanoseconds % 1_000_000) * 4096 / 1_000_000
        return times.withLock { times in
            times.latest = max(now, times.latest &+ 1)
            return UniqueID(
                high: (times.latest >> 12) << 16 | 0x7000 | times.latest & 0xfff,
                low: times.random.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000)
        }
    }

    /// The time of the latest id of version 7, in units of 1/4096 millisecond.
    private static let times = Mutex((latest: UInt64(0), random: BufferedRandomNumberGenerator()))

    /// Returns an id of version 1: the time, and a random number in place of the machine's address.
    public static func v1() -> UniqueID {
        // The time since the reform of the calendar, in units of 100 nanoseconds.
        let time = UInt64(UnixTime.nanoseconds / 100 + 122_192_928_000_000_000)
        return random.withLock { random in
            UniqueID(
                high: time << 32 | time >> 16 & 0xffff_0000 | 0x1000 | time >> 48 & 0x0fff,
                low: random.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0100_0000_0000)
        }
    }

    /// Creates an id from 16 bytes.
    ///
    /// Missing bytes are zero. Bytes after the 16th are ignored.
    public init(bytes: some Sequence<UInt8>) {
        var (high, low, shift) = (UInt64(0), UInt64(0), UInt64(56))
        for (index, byte) in bytes.prefix(16).enumerated() {
            if index < 8 { high |= UInt64(byte) << shift } else { low |= UInt64(byte) << shift }
            shift = shift == 0 ? 56 : shift - 8
        }
        self.init(high: high, low: low)
    }

    /// The 16 bytes of the id, in order.
    public var bytes: [UInt8] {
        [high, low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
        }
    }

    /// The version, such as 4 for a random id, or 7 for an id that begins with the time.
    public var version: Int { Int(high >> 12 & 0xf) }
}

extension UniqueID: CustomStringConvertible {
    /// The text in its usual form, such as `550e8400-e29b-41d4-a716-446655440000`.
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
