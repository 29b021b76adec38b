public import EventLoops
public import WippyDefinition
public import WippyRuntime

/// A kind whose entries are HTTP servers: routers of every kind can belong to them.
///
/// Its server answers by ``RouteDispatcher/init(_:)``. The routes of each server, and the addresses of all servers of
/// whatever kind, are checked by the extension below. A kind that has checks of its own adds theirs to them:
/// ``routeProblems(of:in:)`` in `check(_:in:)` and ``addressProblems(of:in:)`` in `check(all:in:)`.
public protocol HTTPServerKind: EntryKind where Config: HTTPServerConfig, Component: HTTPServerComponent {}

/// What is written about a server, whatever its kind: by this lint finds servers of which only one could listen.
public protocol HTTPServerConfig: Sendable {
    /// Where it listens. Its field is called `addr`, if it has one.
    var address: SocketAddress { get }
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

    /// By default what is wrong with the server's routes.
    public func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        routeProblems(of: entry, in: plan)
    }

    /// By default what is wrong with the servers' addresses.
    public func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        addressProblems(of: entries, in: plan)
    }

    /// Finds routes of the server of which nobody could say which is meant.
    public func routeProblems(of entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        RouteCheck(server: entry.id, plan: plan).diagnostics
    }

    /// Finds servers whose address one before them takes, of this kind or another.
    public func addressProblems(of entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        let own = Set(entries.map(\.id))
        var claims = AddressClaims<Entry<any HTTPServerConfig>>()
        return plan.entries(configuredAs: (any HTTPServerConfig).self).compactMap { entry in
            let address = entry.config.address
            guard let other = claims.claim(address, for: entry), own.contains(entry.id) else { return nil }
            return entry.error(
                "addr",
                "is '\(address)', which \(other.id) (\(other.location(of: "addr"))) takes with "
                    + "'\(other.config.address)'; give one of them another port")
        }
    }
}
