/// The address of a socket: a host and a port, or the path of a file.
///
/// The host is an IP address, a name, or "all addresses of this machine". ``resolved()`` turns a name into an IP
/// address.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    enum Host: Sendable, Hashable {
        case all
        case version4(IPv4)
        case version6(IPv6)
        case name(String)
        /// The path of a socket in the file system.
        case file(String)
    }

    /// The four bytes of an IPv4 address, in the network's order.
    struct IPv4: Sendable, Hashable {
        var bytes: UInt32
    }

    /// The sixteen bytes of an IPv6 address as two words, in the network's order.
    ///
    /// The scope is the interface of a link-local address, or 0.
    struct IPv6: Sendable, Hashable {
        var first: UInt64
        var second: UInt64
        var scope: UInt32 = 0

        /// True for `::`, which stands for every address.
        var isUnspecified: Bool { first == 0 && second == 0 }
    }

    let kind: Host
    private let portNumber: UInt16

    /// The port, from 0 to 65,535.
    public var port: Int { Int(portNumber) }

    init(_ kind: Host, port: UInt16) {
        self.kind = kind
        portNumber = port
    }

    /// Returns an address for all IPv6 and IPv4 addresses of this machine.
    ///
    /// - Parameter port: the port. Default: 0, any free port.
    public static func all(port: UInt16 = 0) -> SocketAddress {
        SocketAddress(.all, port: port)
    }

    /// Returns the address 127.0.0.1, which only this machine can reach.
    ///
    /// - Parameter port: the port. Default: 0, any free port.
    public static func loopback(port: UInt16 = 0) -> SocketAddress {
        SocketAddress(.version4(IPv4(bytes: UInt32(bigEndian: 0x7F00_0001))), port: port)
    }

    /// Returns the address of a socket in the file system, which only this machine can reach.
    ///
    /// The address has port 0. A listener creates the file, and does not remove it. While the file exists, nobody can
    /// listen there again.
    ///
    /// - Parameter path: the path of the file, from 1 to 107 bytes, without a zero byte.
    public static func file(_ path: String) -> SocketAddress {
        SocketAddress(.file(path), port: 0)
    }

    /// The reason why a text cannot be read as an address.
    public struct Misspelling: Error, Sendable, Equatable {
        /// The advice for the user, such as `write an IPv6 address between the brackets, as in "[::1]:8080"`.
        public let advice: String
    }

    /// Reads an address from a text, such as "127.0.0.1:80", "[::1]:80" or "localhost:8080".
    ///
    /// ":8080" and "[::]:8080" stand for all addresses. Names are not looked up. An IPv4 address in the form of IPv6
    /// ("[::ffff:127.0.0.1]:80") becomes an IPv4 address.
    ///
    /// - Throws: `Misspelling` when the text is not an address.
    public init(parsing text: String) throws(Misspelling) {
        guard let colon = text.unicodeScalars.lastIndex(of: ":"),
            let port = Self.port(String(text.unicodeScalars[colon...].dropFirst()))
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
        } else if Self.isName(String(host)) {
            self.init(.name(String(host)), port: port)
        } else {
            let hasColon = host.utf8.contains(UInt8(ascii: ":"))
            let advice = hasColon ? "write an IPv6 address in brackets" : "write the host as a name or an address"
            throw Misspelling(advice: "\(advice), as in \"[::1]:8080\" or \"localhost:8080\"")
        }
    }

    /// The host without brackets: an IP address or a name.
    ///
    /// It is empty for the address of ``all(port:)``, and for a text without a host, such as ":8080". For a file it is
    /// the path.
    public var host: String {
        switch kind {
        case .all: ""
        case .version4(let address): address.description
        case .version6(let address): address.description
        case .name(let name): name
        case .file(let path): path
        }
    }

    /// The address in the form that ``init(parsing:)`` reads.
    ///
    /// For a file it is the path.
    public var description: String {
        if case .file(let path) = kind { return path }
        if case .version6 = kind { return "[\(host)]:\(port)" }
        return "\(host):\(port)"
    }
}
