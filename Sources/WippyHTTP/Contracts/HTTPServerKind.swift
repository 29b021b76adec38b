public import EventLoops
public import WippyDefinition
public import WippyRuntime

/// A kind whose entries are HTTP servers: routers of every kind can belong to them.
///
/// Its server answers by ``RouteDispatcher/init(_:)``. The routes of each server, and the addresses of all servers of
/// whatever kind, are checked by the extension below, beside the checks of the kind itself.
public protocol HTTPServerKind: EntryKind where Config: HTTPServerConfig, Component: HTTPServerComponent {}

/// What is written about a server, whatever its kind: by this lint finds servers of which only one could listen.
public protocol HTTPServerConfig: Sendable {
    /// Where it listens.
    var address: SocketAddress { get }

    /// The field that says where it listens; `addr` unless stated.
    static var addressField: String { get }
}

extension HTTPServerConfig {
    /// `addr`.
    public static var addressField: String { "addr" }
}

extension Entry where Config == any HTTPServerConfig {
    fileprivate var addressField: String { type(of: config).addressField }
}

/// What a server is for its routers, and for a program that asks where it listens.
///
/// Routers ask nothing of it: it takes what is attached to it when it is built.
public protocol HTTPServerComponent: Sendable {
    /// What answers its requests: a test may ask it without a socket.
    var responder: RouteDispatcher { get }

    /// Where it listens, with the port that the system has given it; nil while it does not listen.
    var listeningAddress: SocketAddress? { get }
}

extension Contract where Offered == any HTTPServerComponent {
    /// An entry that routers can belong to.
    public static var httpServer: Self { Contract("an HTTP server") }
}

extension HTTPServerKind {
    /// A server for its routers.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.httpServer) { $0 }] }

    /// Finds routes of which nobody could say which is meant, and servers of one address.
    public func checkAsFamily(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        entries.flatMap { RouteCheck(server: $0.id, plan: plan).diagnostics } + addressProblems(of: entries, in: plan)
    }

    /// Finds servers whose address one before them takes, of this kind or another.
    private func addressProblems(of entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        let own = Set(entries.map(\.id))
        var claims = AddressClaims<Entry<any HTTPServerConfig>>()
        return plan.entries(configuredAs: (any HTTPServerConfig).self).compactMap { entry in
            let address = entry.config.address
            guard let other = claims.claim(address, for: entry), own.contains(entry.id) else { return nil }
            return entry.error(
                entry.addressField,
                "is '\(address)', which \(other.id) (\(other.location(of: other.addressField))) takes with "
                    + "'\(other.config.address)'; give one of them another port")
        }
    }
}
