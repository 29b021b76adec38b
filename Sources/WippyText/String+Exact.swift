// Swift's own `hasPrefix`, `lowercased` and the like work on characters by Unicode's rules: `a` is not a prefix of a
// decomposed `á`, and U+212A in lower case is `k`. Names, paths and protocols work on bytes. To cut a text, use its
// `unicodeScalars`: a combining mark does not hide a separator from them.

extension StringProtocol {
    /// Whether the text begins with the bytes of another.
    @inlinable
    public func hasExactPrefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    /// Whether the text ends with the bytes of another.
    @inlinable
    public func hasExactSuffix(_ suffix: String) -> Bool { utf8.reversed().starts(with: suffix.utf8.reversed()) }

    /// Whether the text contains the bytes of another.
    @inlinable
    public func containsExactly(_ part: String) -> Bool {
        guard let first = part.utf8.first else { return true }
        // Most texts do not hold even the first byte.
        var rest = utf8[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: part.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// The text without the bytes of a prefix.
    ///
    /// The text must begin with them.
    ///
    /// `dropFirst` would also drop a combining mark after them.
    @inlinable
    public func dropping(_ prefix: String) -> String {
        String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// The text with A to Z in lower case.
    ///
    /// Everything else stays.
    @inlinable public var lowercasedASCII: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// The text with a to z in upper case.
    ///
    /// Everything else stays.
    @inlinable public var uppercasedASCII: String {
        String(decoding: utf8.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
    }
}
