/// The character classes of RFC 9110 (section 5) and RFC 3986, and comparisons over bytes.
enum Grammar {
    static let tab: UInt8 = 0x09
    static let lf: UInt8 = 0x0A
    static let cr: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    /// The end of a line and an empty line, which together end a head.
    static let emptyLine = [cr, lf, cr, lf]

    /// The first offset of a pattern in the bytes, at or after a start; nil if the pattern does not occur.
    static func offset(of pattern: [UInt8], in bytes: Span<UInt8>, from start: Int) -> Int? {
        let pattern = pattern.span
        var index = start
        while index <= bytes.count - pattern.count {
            var length = 0
            while length < pattern.count, bytes[index + length] == pattern[length] { length += 1 }
            if length == pattern.count { return index }
            index += 1
        }
        return nil
    }

    /// A set of ASCII characters as 128 bits.
    ///
    /// It contains no other byte.
    struct ASCIISet: Sendable {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        init(_ characters: String) {
            for byte in characters.utf8 {
                if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
            }
        }

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            byte < 128 && ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 == 1
        }
    }

    private static let digitsAndLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    /// tchar (RFC 9110, section 5.6.2).
    static let token = ASCIISet("!#$%&'*+-.^_`|~" + digitsAndLetters)
    /// The characters of a host's name: unreserved and sub-delims (RFC 3986, section 2).
    ///
    /// Percent-encoding is left out on purpose. No client sends it in a host, and servers disagree about it.
    static let hostName = ASCIISet("-._~!$&'()*+,;=" + digitsAndLetters)
    /// The characters between the brackets of an IPv6 address.
    static let bracketed = ASCIISet("0123456789abcdefABCDEF:.")

    /// True for a byte that a field value may have: VCHAR, obs-text, SP or HTAB (RFC 9110, section 5.5).
    ///
    /// A byte of obs-text (0x80 and above) is opaque, as that section demands of recipients.
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool {
        (byte >= space && byte != 0x7F) || byte == tab
    }

    /// The byte, with an ASCII capital changed to a small letter.
    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(token.contains)
    }

    /// The first index in a range with a byte that no field value may have, or the range's end.
    ///
    /// The function looks at eight bytes at a time, because it sees every byte of every head.
    static func endOfFieldValue(_ bytes: Span<UInt8>, in range: Range<Int>) -> Int {
        var index = range.lowerBound
        let raw = unsafe bytes.bytes
        while index < range.upperBound {
            while index &+ 8 <= range.upperBound {
                // Every bit pattern is a UInt64, and the load checks its range.
                let word = unsafe UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
                let stops = controlBits(word)
                index &+= stops.trailingZeroBitCount >> 3
                if stops != 0 { break }
            }
            guard index < range.upperBound else { break }
            guard isFieldValue(bytes[index]) else { return index }
            index &+= 1
        }
        return index
    }

    /// A word in which the high bit of each byte marks a control character.
    ///
    /// Bits above the lowest marked byte can be wrong, because the subtractions borrow.
    @inline(__always)
    private static func controlBits(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let deletes = word ^ (ones &* 0x7F)
        let isControl = (word &- ones &* 0x20) & ~word
        let isDelete = (deletes &- ones) & ~deletes
        return (isControl | isDelete) & (ones &* 0x80)
    }

    /// True if a range of bytes is exactly this text.
    static func equal(_ range: Range<Int>, of bytes: Span<UInt8>, _ text: String) -> Bool {
        let text = text.utf8Span.span
        guard range.count == text.count else { return false }
        for offset in text.indices where bytes[range.lowerBound &+ offset] != text[offset] { return false }
        return true
    }

    /// True if a range of bytes is this text, with ASCII letters compared without case.
    static func equalIgnoringCase(_ range: Range<Int>, of bytes: Span<UInt8>, _ text: String) -> Bool {
        let text = text.utf8Span.span
        guard range.count == text.count else { return false }
        for offset in text.indices {
            let (byte, other) = (bytes[range.lowerBound &+ offset], text[offset])
            guard byte == other || lowercased(byte) == lowercased(other) else { return false }
        }
        return true
    }

    /// The range without the white space (OWS, RFC 9110, section 5.6.3) around it.
    static func trimmed(_ range: Range<Int>, of bytes: Span<UInt8>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, bytes[lower] == space || bytes[lower] == tab { lower += 1 }
        while upper > lower, bytes[upper - 1] == space || bytes[upper - 1] == tab { upper -= 1 }
        return lower..<upper
    }

    /// Calls `body` with each member of a comma-separated list (RFC 9110, section 5.6.1).
    ///
    /// Empty members are skipped.
    static func forEachMember(_ range: Range<Int>, of bytes: Span<UInt8>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        for index in range where bytes[index] == UInt8(ascii: ",") {
            let member = trimmed(start..<index, of: bytes)
            if !member.isEmpty { body(member) }
            start = index + 1
        }
        let last = trimmed(start..<range.upperBound, of: bytes)
        if !last.isEmpty { body(last) }
    }
}

extension [UInt8] {
    // An array cannot be made from a span yet. A copy byte by byte costs several times as much.

    init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Self($0) }
    }

    package mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
