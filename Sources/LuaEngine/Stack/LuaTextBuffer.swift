/// A text of bytes that grows as it is written.
struct LuaTextBuffer: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(capacity: capacity)
    }

    deinit { start.deallocate() }

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

    /// Reserves space for more bytes, and returns the address of the first one.
    @inline(__always)
    private mutating func room(for more: Int) -> UnsafeMutablePointer<UInt8> {
        if count + more > capacity { grow(to: count + more) }
        return start + count
    }

    private mutating func grow(to least: Int) {
        let larger = max(least, capacity < 1 << 16 ? capacity * 4 : capacity * 2)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: start, count: count)
        start.deallocate()
        (start, capacity) = (moved, larger)
    }

    mutating func append(_ byte: UInt8) {
        room(for: 1).pointee = byte
        count += 1
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let first = bytes.baseAddress else { return }
        room(for: bytes.count).update(from: first, count: bytes.count)
        count += bytes.count
    }

    mutating func append(_ text: StaticString) {
        room(for: text.utf8CodeUnitCount).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    mutating func append(_ byte: UInt8, times: Int) {
        room(for: times).update(repeating: byte, count: times)
        count += times
    }

    /// Removes all bytes after the first `count`.
    mutating func cut(to count: Int) { self.count = count }

    /// Writes the bytes of a string in the form that they have between the quotes of JSON.
    ///
    /// - Returns: true if all of them are ASCII.
    mutating func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = UnsafeRawPointer(bytes.baseAddress) else { return true }
        var isASCII = true
        var index = 0
        while index < bytes.count {
            // This takes eight bytes at a time. Each byte can become six.
            let place = room(for: 48)
            if index + 8 <= bytes.count {
                let word = first.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if word & LuaJSON.highBits != 0 { isASCII = false }
                if LuaJSON.isPlain(word) {
                    UnsafeMutableRawPointer(place).storeBytes(of: word, as: UInt64.self)
                    count += 8
                    index += 8
                    continue
                }
            }
            let end = min(index + 8, bytes.count)
            while index < end {
                let byte = bytes[index]
                if byte >= 0x80 { isASCII = false }
                count += Self.write(byte, to: start + count)
                index += 1
            }
        }
        return isASCII
    }

    /// Writes one byte of a string, and escapes it if necessary.
    ///
    /// - Returns: the number of written bytes.
    private static func write(_ byte: UInt8, to place: UnsafeMutablePointer<UInt8>) -> Int {
        let letter: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): letter = byte
        case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
        case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
        case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
        case 0..<0x20: letter = UInt8(ascii: "u")
        default:
            place[0] = byte
            return 1
        }
        place[0] = UInt8(ascii: "\\")
        place[1] = letter
        guard letter == UInt8(ascii: "u"), byte < 0x20 else { return 2 }
        let digit = byte & 0x0f
        place[2] = UInt8(ascii: "0")
        place[3] = UInt8(ascii: "0")
        place[4] = UInt8(ascii: "0") + byte >> 4
        place[5] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        return 6
    }

    /// Writes a whole number in decimal digits.
    mutating func append(_ number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        // The digits are written backwards into space for the longest number, and then moved.
        let first = room(for: 20)
        var place = first + 20
        var rest = number.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            place -= 1
            place.pointee = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        let digitCount = first + 20 - place
        first.update(from: place, count: digitCount)
        count += digitCount
    }
}
