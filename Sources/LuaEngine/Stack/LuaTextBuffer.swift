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
        var highBits: UInt64 = 0
        var index = 0
        while index < bytes.count {
            // This takes up to eight bytes at a time. Each byte can become six.
            let place = room(for: 48)
            let taken = min(bytes.count - index, 8)
            let word = Self.word(at: first + index, count: taken)
            highBits |= word & LuaJSON.highBits
            index += taken
            if LuaJSON.controls(in: word) != 0 {
                count += Self.writeEach(word, count: taken, to: place)
            } else if LuaJSON.marks(in: word) != 0 {
                count += Self.writeMarked(word, to: place) - (8 - taken)
            } else {
                UnsafeMutableRawPointer(place).storeBytes(of: UInt64(littleEndian: word), as: UInt64.self)
                count += taken
            }
        }
        return highBits == 0
    }

    /// Reads up to eight bytes as a word whose lowest byte is the first one.
    ///
    /// Spaces fill the rest of the word.
    @inline(__always)
    private static func word(at first: UnsafeRawPointer, count: Int) -> UInt64 {
        if count == 8 { return UInt64(littleEndian: first.loadUnaligned(as: UInt64.self)) }
        var word: UInt64 = 0x2020_2020_2020_2020
        for index in 0..<count {
            word ^= UInt64(first.load(fromByteOffset: index, as: UInt8.self) ^ 0x20) << (8 * index)
        }
        return word
    }

    /// Writes the eight bytes of a word that has quotation marks or backslashes, but no control characters.
    ///
    /// The loop has no branches. A string that holds JSON has a quotation mark every few bytes, at places that no
    /// processor can predict.
    ///
    /// - Returns: the number of written bytes.
    @inline(__always)
    private static func writeMarked(_ word: UInt64, to place: UnsafeMutablePointer<UInt8>) -> Int {
        let (quote, backslash) = (UInt16(UInt8(ascii: "\"")), UInt16(UInt8(ascii: "\\")))
        var (rest, count) = (word, 0)
        for _ in 0..<8 {
            let byte = UInt16(truncatingIfNeeded: rest & 0xff)
            let isMark = byte == quote || byte == backslash
            let written = isMark ? backslash | byte << 8 : byte
            UnsafeMutableRawPointer(place + count).storeBytes(of: UInt16(littleEndian: written), as: UInt16.self)
            count &+= isMark ? 2 : 1
            rest >>= 8
        }
        return count
    }

    /// Writes the first bytes of a word one by one.
    ///
    /// - Returns: the number of written bytes.
    private static func writeEach(_ word: UInt64, count: Int, to place: UnsafeMutablePointer<UInt8>) -> Int {
        var (rest, written) = (word, 0)
        for _ in 0..<count {
            let byte = UInt8(truncatingIfNeeded: rest)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                written += escape(byte, to: place + written)
            } else {
                place[written] = byte
                written += 1
            }
            rest >>= 8
        }
        return written
    }

    /// Writes a quotation mark, a backslash or a control character in its escaped form.
    ///
    /// - Returns: the number of written bytes.
    private static func escape(_ byte: UInt8, to place: UnsafeMutablePointer<UInt8>) -> Int {
        let letter: UInt8
        switch byte {
        case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
        case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
        case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
        case 0..<0x20: letter = UInt8(ascii: "u")
        default: letter = byte
        }
        place[0] = UInt8(ascii: "\\")
        place[1] = letter
        guard letter == UInt8(ascii: "u") else { return 2 }
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
