import WippyText

/// The rule by which a scanner divides a stream into tokens.
enum TokenRule: String {
    /// Lines, without their line breaks.
    case lines
    /// Words, which are separated by blanks and line breaks.
    case words
    case bytes
    /// Characters of UTF-8.
    ///
    /// A byte that belongs to no character becomes U+FFFD.
    case runes

    /// The result of a scan at the beginning of the available bytes.
    enum Finding: Equatable {
        /// The bytes of a token, and the number of bytes that are consumed.
        case token([UInt8], consumed: Int)
        /// More bytes are needed to decide.
        ///
        /// The first `skipping` bytes belong to no token. The others need not be searched again.
        case needsMore(skipping: Int)
        case end
    }

    /// - Parameters:
    ///   - searched: the number of bytes that an earlier scan has searched and not skipped; 0 for the first scan.
    ///   - isAtEnd: true if no further bytes come.
    func find(in bytes: ArraySlice<UInt8>, from searched: Int, isAtEnd: Bool) -> Finding {
        switch self {
        case .lines:
            if let end = bytes.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) {
                return .token(Self.line(bytes[..<end]), consumed: end + 1 - bytes.startIndex)
            }
            return rest(bytes, isAtEnd: isAtEnd, Self.line)
        case .words:
            let word = bytes.drop { $0.isBlank }
            if let end = word.dropFirst(searched).firstIndex(where: \.isBlank) {
                return .token(Array(word[..<end]), consumed: end + 1 - bytes.startIndex)
            }
            return rest(word, after: bytes.count - word.count, isAtEnd: isAtEnd) { Array($0) }
        case .bytes:
            guard let first = bytes.first else { return isAtEnd ? .end : .needsMore(skipping: 0) }
            return .token([first], consumed: 1)
        case .runes:
            guard let first = bytes.first else { return isAtEnd ? .end : .needsMore(skipping: 0) }
            let length = Self.characterLength(first)
            guard bytes.count >= length || isAtEnd else { return .needsMore(skipping: 0) }
            let character = bytes.prefix(length)
            guard String(validating: character, as: UTF8.self) != nil else {
                return .token(Array("\u{FFFD}".utf8), consumed: 1)
            }
            return .token(Array(character), consumed: character.count)
        }
    }

    /// Returns the remaining bytes as a token if no further bytes come.
    private func rest(
        _ bytes: ArraySlice<UInt8>, after skipped: Int = 0, isAtEnd: Bool, _ token: (ArraySlice<UInt8>) -> [UInt8]
    ) -> Finding {
        guard isAtEnd else { return .needsMore(skipping: skipped) }
        return bytes.isEmpty ? .end : .token(token(bytes), consumed: skipped + bytes.count)
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes)
    }

    /// The length of the character that begins with a byte.
    private static func characterLength(_ first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }
}
