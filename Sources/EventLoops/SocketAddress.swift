/// Where a socket is: a host and a port, or a file.
///
/// A host is an IP address, a name that `resolved()` turns into one, or "all addresses of this machine".
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    enum Host: Sendable, Hashable {
        case all
        case version4(IPv4)
        case version6(IPv6)
        case name(String)
        /// A socket in the file system, by its path.
        case file(String)
    }

    /// Four bytes in the network's order.
    struct IPv4: Sendable, Hashable {
        var bytes: UInt32
    }

    /// Sixteen bytes in the network's order, as two words, and the interface of a link-local address, or 0.
    struct IPv6: Sendable, Hashable {
        var first: UInt64
        var second: UInt64
        var scope: UInt32 = 0

        /// Whether this is `::`, which stands for every address.
        var isUnspecified: Bool { first == 0 && second == 0 }
    }

    let kind: Host
    private let portNumber: UInt16

    /// The port, 0 to 65,535.
    ///
    /// Listening on 0 means on any free port.
    public var port: Int { Int(portNumber) }

    init(_ kind: Host, port: UInt16) {
        self.kind = kind
        portNumber = port
    }

    /// All IPv6 and IPv4 addresses of this machine.
    ///
    /// - Parameter port: By default any free port.
    public static func all(port: UInt16 = 0) -> SocketAddress {
        SocketAddress(.all, port: port)
    }

    /// Only this machine, 127.0.0.1.
    ///
    /// - Parameter port: By default any free port.
    public static func loopback(port: UInt16 = 0) -> SocketAddress {
        SocketAddress(.version4(IPv4(bytes: UInt32(bigEndian: 0x7F00_0001))), port: port)
    }

    /// A socket in the file system, which only this machine can reach.
    ///
    /// Its port is 0.
    ///
    /// Listening there creates the file, and nothing removes it. While the file exists, another listener is refused.
    ///
    /// - Parameter path: At most 107 bytes, none of them 0.
    public static func file(_ path: String) -> SocketAddress {
        SocketAddress(.file(path), port: 0)
    }

    /// Why a text is not an address.
    public struct Misspelling: Error, Sendable, Equatable {
        /// What to write instead: `an IPv6 address goes in brackets, as in "[::1]:8080"`.
        public let advice: String
    }

    /// Reads "127.0.0.1:80", "[::1]:80", ":8080" or "[::]:8080" (all addresses), or "localhost:8080".
    ///
    /// It does not look names up. An IPv4 address in the form of IPv6 ("[::ffff:127.0.0.1]:80") becomes an IPv4
    /// address.
    ///
    /// - Throws: What to write instead.
    public init(parsing text: String) throws(Misspelling) {
        guard let colon = text.unicodeScalars.lastIndex(of: ":"),
            let port = Self.port(Substring(text.unicodeScalars[colon...].dropFirst()))
        else {
            throw Misspelling(advice: "write a host and a port from 0 to 65535, as in \"127.0.0.1:8080\" or \":8080\"")
        }
        let host = text[..<colon]
        if host.isEmpty {
            self.init(.all, port: port)
        } else if host.first == "[" {
            guard host.last == "]", let address = IPv6(String(host.dropFirst().dropLast())) else {
                throw Misspelling(advice: "write an IPv6 address between the brackets, as in \"[::1]:8080\"")
            }
            self.init(address.mapped.map { .version4($0) } ?? .version6(address), port: port)
        } else if let address = IPv4(String(host)) {
            self.init(.version4(address), port: port)
        } else if Self.isName(host) {
            self.init(.name(String(host)), port: port)
        } else {
            let hasColon = host.utf8.contains(UInt8(ascii: ":"))
            let advice = hasColon ? "write an IPv6 address in brackets" : "write the host as a name or an address"
            throw Misspelling(advice: "\(advice), as in \"[::1]:8080\" or \"localhost:8080\"")
        }
    }

    /// The host as written, without brackets; empty for all addresses; the path for a file.
    public var host: String {
        switch kind {
        case .all: ""
        case .version4(let address): address.description
        case .version6(let address): address.description
        case .name(let name): name
        case .file(let path): path
        }
    }

    /// The address in the form that `init(parsing:)` reads; the path for a file.
    public var description: String {
        if case .file(let path) = kind { return path }
        if case .version6 = kind { return "[\(host)]:\(port)" }
        return "\(host):\(port)"
    }

    /// Digits only: no sign, no space, no empty text.
    private static func port(_ text: Substring) -> UInt16? {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, text.utf8.count <= 5 else { return nil }
        return UInt16(text)
    }

    /// Letters, digits, dots, hyphens and underscores, and not digits and dots alone: that is a mistyped address.
    private static func isName(_ text: Substring) -> Bool {
        guard text.utf8.count <= 253, text.utf8.first != UInt8(ascii: "-") else { return false }
        var hasLetter = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): hasLetter = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): break
            default: return false
            }
        }
        return hasLetter
    }
}
