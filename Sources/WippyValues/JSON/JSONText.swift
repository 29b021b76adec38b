/// Functions that are used to read and to write JSON strings.
enum JSONText {
    /// Returns the index of the first byte from `start` on that is not ASCII, or that must be escaped in a JSON
    /// string.
    ///
    /// If there is no such byte, it returns the end. The function looks at eight bytes at a time, because most of the
    /// text of most messages is in strings.
    @inline(__always)
    static func endOfPlainASCII(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var position = start
        let raw = unsafe bytes.bytes
        while position &+ 8 <= bytes.count {
            // Every bit pattern is a UInt64, and the load checks its range.
            let word = unsafe UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            let stops = stopBits(word)
            if stops != 0 {
                return position &+ stops.trailingZeroBitCount >> 3
            }
            position &+= 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { break }
            position &+= 1
        }
        return position
    }

    /// A word in which the high bit of each byte marks a quotation mark, a backslash, a control character or a byte
    /// outside ASCII.
    ///
    /// Bits above the lowest marked byte can be wrong, because the subtractions borrow.
    @inline(__always)
    private static func stopBits(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let isQuote = (quotes &- ones) & ~quotes
        let isBackslash = (backslashes &- ones) & ~backslashes
        let isControl = (word &- ones &* 0x20) & ~word
        return (isQuote | isBackslash | isControl | word) & (ones &* 0x80)
    }

    /// Appends bytes in one piece.
    @inline(__always)
    static func append(_ bytes: Span<UInt8>, to array: inout [UInt8]) {
        // An array cannot be extended by a span yet. A copy byte by byte costs several times as much.
        unsafe bytes.withUnsafeBufferPointer { unsafe array.append(contentsOf: $0) }
    }
}
