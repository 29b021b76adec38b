import WippyText

/// The ranges of the parts of a request target in the bytes of its head (RFC 9112, section 3.2).
///
/// Three forms are accepted: a path with an optional query (origin-form), a whole `http` or `https` URL
/// (absolute-form), and `*`, which only OPTIONS may have. CONNECT and the authority-form are refused.
///
/// Every character must be visible ASCII and not `#`. RFC 3986 wants some characters encoded (`|`, `[`, `"`, …), but
/// some clients send them as they are. They are accepted. In the path, every `%` must begin an encoded byte. In the
/// query, any characters may follow a `%`, because the responder gives the query its meaning.
struct RequestTarget: Sendable, Equatable {
    let whole: Range<Int>
    let path: Range<Int>
    let query: Range<Int>?
    let authority: Range<Int>?

    init?(_ whole: Range<Int>, of bytes: Span<UInt8>, method: HTTPMethod) {
        guard !whole.isEmpty, method != .connect else { return nil }
        for index in whole {
            guard 0x21...0x7E ~= bytes[index], bytes[index] != UInt8(ascii: "#") else { return nil }
        }
        self.whole = whole
        if Grammar.equal(whole, of: bytes, "*") {
            guard method == .options else { return nil }
            path = whole
            query = nil
            authority = nil
            return
        }
        var start = whole.lowerBound
        if bytes[start] == UInt8(ascii: "/") {
            authority = nil
        } else {
            guard let found = Self.authority(whole, of: bytes) else { return nil }
            authority = found
            start = found.upperBound
        }
        let mark = (start..<whole.upperBound).first { bytes[$0] == UInt8(ascii: "?") }
        path = start..<(mark ?? whole.upperBound)
        query = mark.map { $0 + 1..<whole.upperBound }
        guard Self.isEncoded(path, of: bytes) else { return nil }
    }

    /// The authority of a target in absolute-form; nil if the target has another form, no host, or a user's name.
    private static func authority(_ whole: Range<Int>, of bytes: Span<UInt8>) -> Range<Int>? {
        for scheme in ["http://", "https://"] where whole.count > scheme.utf8.count {
            let start = whole.lowerBound + scheme.utf8.count
            guard Grammar.equalIgnoringCase(whole.lowerBound..<start, of: bytes, scheme) else { continue }
            let end = (start..<whole.upperBound).first {
                bytes[$0] == UInt8(ascii: "/") || bytes[$0] == UInt8(ascii: "?")
            }
            let authority = start..<(end ?? whole.upperBound)
            // An http URL with an empty host is invalid: RFC 9110, section 4.2.1.
            guard !authority.isEmpty, bytes[start] != UInt8(ascii: ":") else { return nil }
            return isHost(authority, of: bytes) ? authority : nil
        }
        return nil
    }

    private static func isEncoded(_ path: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        for index in path where bytes[index] == UInt8(ascii: "%") {
            guard path.upperBound - index > 2, bytes[index + 1].isHexDigit, bytes[index + 2].isHexDigit
            else { return false }
        }
        return true
    }

    /// True if the range is a host with an optional port (RFC 9110, section 7.2).
    ///
    /// An empty host is valid: by RFC 9112, section 3.2, clients send an empty `Host` for targets without an authority.
    static func isHost(_ range: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        var index = range.lowerBound
        if index < range.upperBound, bytes[index] == UInt8(ascii: "[") {
            let bracketed = Grammar.bracketed
            index += 1
            let first = index
            while index < range.upperBound, bracketed.contains(bytes[index]) { index += 1 }
            guard index > first, index < range.upperBound, bytes[index] == UInt8(ascii: "]") else { return false }
            index += 1
        } else {
            let hostName = Grammar.hostName
            while index < range.upperBound, hostName.contains(bytes[index]) { index += 1 }
        }
        guard index < range.upperBound else { return true }
        guard bytes[index] == UInt8(ascii: ":") else { return false }
        return (index + 1..<range.upperBound).allSatisfy { bytes[$0].isDigit }
    }
}
