// Swift's own `hasPrefix`, `lowercased` and similar methods work on characters by Unicode's rules: `a` is not a
// prefix of a decomposed `á`, and U+212A in lower case is `k`. Names, paths and protocols need methods that work on
// bytes. To split a text, use its `unicodeScalars`, in which a combining mark cannot hide a separator.

extension StringProtocol {
    /// Returns true if the text begins with the bytes of `prefix`.
    @inlinable
    public func hasExactPrefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    /// Returns true if the text ends with the bytes of `suffix`.
    @inlinable
    public func hasExactSuffix(_ suffix: String) -> Bool { utf8.reversed().starts(with: suffix.utf8.reversed()) }

    /// Returns true if the text contains the bytes of `part`.
    @inlinable
    public func containsExactly(_ part: String) -> Bool {
        guard let first = part.utf8.first else { return true }
        // Most texts do not contain even the first byte.
        var rest = utf8[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: part.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// Returns the rest of the text after the bytes of a prefix.
    ///
    /// The text must begin with the prefix. `dropFirst` works on characters, so it would also drop a combining mark
    /// after the prefix.
    @inlinable
    public func dropping(_ prefix: String) -> String {
        String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// The text with A to Z in lower case.
    ///
    /// All other bytes stay the same.
    @inlinable public var lowercasedASCII: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// The text with a to z in upper case.
    ///
    /// All other bytes stay the same.
    @inlinable public var uppercasedASCII: String {
        String(decoding: utf8.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
    }
}
