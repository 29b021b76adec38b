package import EventLoops
import HTTPServing
import WippyText

/// The address of a request: `http://host:port/path?query`.
package struct WebAddress: Sendable, CustomStringConvertible {
    /// The reason why a text is not such an address.
    package struct Misspelling: Error, CustomStringConvertible {
        package let description: String
    }

    /// The host and the port, as the field `Host` has them.
    package let host: String
    package let address: SocketAddress
    /// The path with its query, in visible ASCII.
    package private(set) var target: String

    package var description: String { "http://\(host)\(target)" }

    package init(_ text: String) throws(Misspelling) {
        let bytes = text.utf8
        guard let scheme = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[scheme...].starts(with: "://".utf8) else {
            throw Misspelling(description: "'\(text)' is not an HTTP address: an HTTP address begins with 'http://'")
        }
        switch String(text[..<scheme]).lowercasedASCII {
        case "http": break
        case "https": throw Misspelling(description: "HTTPS is not supported yet: '\(text)'")
        default:
            throw Misspelling(
                description: "'\(text)' is not an HTTP address: an HTTP address begins with 'http://'")
        }
        let rest = text[bytes.index(scheme, offsetBy: 3)...]
        let end = rest.utf8.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        let authority = String(rest[..<end])
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw Misspelling(description: "an address cannot hold a user: use the option 'auth'")
        }
        let afterBracket = authority.utf8.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
        let hasPort = authority.utf8[afterBracket...].contains(UInt8(ascii: ":"))
        do throws(SocketAddress.Misspelling) {
            address = try SocketAddress(parsing: hasPort ? authority : "\(authority):80")
        } catch {
            throw Misspelling(description: "'\(text)' has an invalid host: \(error.advice)")
        }
        guard !address.host.isEmpty else { throw Misspelling(description: "'\(text)' has no host") }
        host = authority
        target = Self.target(rest[end...])
    }

    /// Adds a text to the query.
    package mutating func append(query: String) {
        let mark = target.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        target += mark + query
    }

    /// Returns the address to which the `Location` of a redirection leads.
    package func following(_ location: String) throws(Misspelling) -> WebAddress {
        if location.utf8.starts(with: "//".utf8) { return try WebAddress("http:\(location)") }
        let path = location.utf8.prefix { !"/?#".utf8.contains($0) }
        if path.contains(UInt8(ascii: ":")) { return try WebAddress(location) }
        var other = self
        if location.utf8.first == UInt8(ascii: "/") {
            other.target = Self.target(location[...])
        } else {
            let here = target.utf8.prefix { $0 != UInt8(ascii: "?") }
            let folder = here.lastIndex(of: UInt8(ascii: "/")).map { String(target[...$0]) } ?? "/"
            let isQuery = location.utf8.first == UInt8(ascii: "?")
            other.target = Self.target(((isQuery ? String(here) ?? "/" : folder) + location)[...])
        }
        return other
    }

    /// Returns a path and its query as they are sent.
    ///
    /// The fragment is dropped, and characters outside visible ASCII are percent-encoded.
    private static func target(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8.prefix(while: { $0 != UInt8(ascii: "#") }) {
            if (0x21...0x7E).contains(byte) { bytes.append(byte) } else { PercentEncoding.append(byte, to: &bytes) }
        }
        if bytes.first != UInt8(ascii: "/") { bytes.insert(UInt8(ascii: "/"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
