import WippyText

/// Finds listeners that cannot listen at the same time, because they want the same address.
///
/// You claim the address of each listener for its *owner*, a value that tells you which listener it is.
///
/// `localhost` counts as 127.0.0.1. Other names are not looked up: two of them count as the same address only if their
/// texts are equal, apart from case.
public struct AddressClaims<Owner> {
    private struct Port {
        var hosts: [SocketAddress.Host: Owner] = [:]
        /// The first owner of any address of a family, and the first owner of all addresses of a family.
        var any: [Family: Owner] = [:]
        var all: [Family: Owner] = [:]
    }

    private enum Family {
        case version4
        case version6
        /// A name, whose family is not known.
        case unknown
    }

    private var ports: [Int: Port] = [:]

    /// Creates an empty collection of claims.
    public init() {}

    /// Claims an address for an owner.
    ///
    /// - Returns: an owner whose claim collides with this one; nil if there is no collision. For port 0, and for a
    ///   socket in the file system, the result is always nil.
    public mutating func claim(_ address: SocketAddress, for owner: Owner) -> Owner? {
        guard address.port != 0 else { return nil }
        var port = ports[address.port] ?? Port()
        defer { ports[address.port] = port }
        let host = Self.known(address.kind)
        let families = Self.families(of: host)
        let takesAll = families.count > 1 || host == Self.all4
        let others =
            takesAll
            ? families.compactMap { port.any[$0] } : [port.hosts[host], port.all[families[0]]].compactMap(\.self)
        if port.hosts[host] == nil { port.hosts[host] = owner }
        for family in families {
            if port.any[family] == nil { port.any[family] = owner }
            if takesAll, port.all[family] == nil { port.all[family] = owner }
        }
        return others.first
    }

    private static var all4: SocketAddress.Host { .version4(SocketAddress.IPv4(bytes: 0)) }

    private static func known(_ host: SocketAddress.Host) -> SocketAddress.Host {
        guard case .name(let name) = host else { return host }
        let lower = name.lowercasedASCII
        return lower == "localhost" ? SocketAddress.loopback().kind : .name(lower)
    }

    private static func families(of host: SocketAddress.Host) -> [Family] {
        switch host {
        case .all: [.version4, .version6, .unknown]
        case .version6(let address): address.isUnspecified ? [.version4, .version6, .unknown] : [.version6]
        case .version4: [.version4]
        case .name, .file: [.unknown]
        }
    }
}
