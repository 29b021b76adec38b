/// What reading and writing JSON strings have in common.
enum JSONText {
    /// The position of the first byte from `start` on that a JSON string cannot hold as it is, or that is not ASCII;
    /// the end if there is none.
    ///
    /// Looks at eight bytes at a time: most of the text of most messages lies in strings.
    @inline(__always)
    static func endOfPlainASCII(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var position = start
        let raw = unsafe bytes.bytes
        while position &+ 8 <= bytes.count {
            // Any bit pattern is a UInt64, and the load checks its range.
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

    /// The high bit of each byte that is a quote, a backslash, a control character or not ASCII.
    ///
    /// Above the lowest such byte the bits can be wrong, as the subtractions borrow.
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
        // An array takes no span yet; byte by byte costs several times as much.
        unsafe bytes.withUnsafeBufferPointer { unsafe array.append(contentsOf: $0) }
    }
}
