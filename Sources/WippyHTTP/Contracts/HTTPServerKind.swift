public import EventLoops
public import WippyDefinition
public import WippyRuntime

/// A kind whose entries are HTTP servers: routers of every kind can belong to them.
///
/// Its server answers by ``RouteDispatcher/init(_:)``. The routes of each server, and the addresses of all servers of
/// whatever kind, are checked by the extension below, which has `check(_:in:)` and `check(all:in:)`. A kind with checks
/// of its own leaves those two alone and writes ``checkServer(_:in:)`` or ``checkServers(all:in:)``.
public protocol HTTPServerKind: EntryKind where Config: HTTPServerConfig, Component: HTTPServerComponent {
    /// Finds what is wrong with a server beside its routes; by default nothing.
    func checkServer(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic]

    /// Finds what is wrong with several servers together beside their addresses; by default nothing.
    func checkServers(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic]
}

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

    /// By default nothing.
    public func checkServer(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] { [] }

    /// By default nothing.
    public func checkServers(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] { [] }

    /// Finds routes of which nobody could say which is meant, and what the kind itself finds.
    public func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        RouteCheck(server: entry.id, plan: plan).diagnostics + checkServer(entry, in: plan)
    }

    /// Finds servers of one address, and what the kind itself finds.
    public func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        addressProblems(of: entries, in: plan) + checkServers(all: entries, in: plan)
    }

    /// Finds servers whose address one before them takes, of this kind or another.
    private func addressProblems(of entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
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
