public import EventLoops
public import WippyDefinition
public import WippyRuntime

/// A kind whose entries are HTTP servers.
///
/// Routers of every kind can belong to such a server. The server answers with a ``RouteDispatcher``, created by
/// ``RouteDispatcher/init(_:health:)``. Lint checks the routes of each server and the addresses of all servers, in
/// addition to the checks of the kind itself.
public protocol HTTPServerKind: SharedCheckKind where Config: HTTPServerConfig, Component: HTTPServerComponent {}

/// The config of a server of any kind.
///
/// Lint finds servers with such a config that cannot listen at the same time, and routes that health checks hide.
public protocol HTTPServerConfig: Sendable {
    /// The address on which the server listens.
    var address: SocketAddress { get }

    /// The name of the field with the address.
    static var addressField: String { get }

    /// The paths for health checks, which the server's ``RouteDispatcher`` also gets. Default: none.
    var health: HealthPaths { get }
}

extension HTTPServerConfig {
    /// The usual name of the field with the address: `addr`.
    public static var addressField: String { "addr" }

    /// No health checks.
    public var health: HealthPaths { .none }
}

extension Plan {
    /// Returns an override for each server, in order of id.
    ///
    /// With it, the server listens on 127.0.0.1, on a port that the system chooses. A server whose kind has no field
    /// with the address is left out.
    ///
    /// - Parameter kinds: the kinds of the plan's entries.
    /// - Returns: the overrides, in the form of the option `-o`.
    package func overridesOfServerAddresses(in kinds: KindCatalog) -> [String] {
        let manual = kinds.manual
        return entries.compactMap { entry in
            guard let config = entry.config as? any HTTPServerConfig else { return nil }
            let field = type(of: config).addressField
            let kind = manual.first { $0.name == entry.kind.description }
            guard kind?.fields.contains(where: { $0.path == field }) == true else { return nil }
            return "\(entry.id):\(field)=127.0.0.1:0"
        }
    }
}

extension Entry where Config == any HTTPServerConfig {
    fileprivate var addressField: String { type(of: config).addressField }
}

/// A server in a running application.
public protocol HTTPServerComponent: Sendable {
    /// The responder that answers the server's requests. A test can call it without a socket.
    var responder: RouteDispatcher { get }

    /// The address on which the server listens, with the port that the system chose for port 0.
    ///
    /// It is nil before the server listens, and after the server has stopped.
    var listeningAddress: SocketAddress? { get }
}

extension Contract where Offered == any HTTPServerComponent {
    /// The contract of an entry to which routers can belong.
    ///
    /// A kind that offers it must be an ``HTTPServerKind``.
    public static var httpServer: Self { Contract("an HTTP server") }
}

extension HTTPServerKind {
    /// Offers the server to its routers.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.httpServer) { $0 }] }

    /// Finds ambiguous routes, routes that health checks hide, and servers that cannot listen at the same time.
    public func sharedCheck(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        entries.flatMap { RouteCheck(server: $0, plan: plan).diagnostics } + addressProblems(of: entries, in: plan)
    }

    /// Finds servers whose address an earlier server has.
    ///
    /// The earlier server may have another kind.
    private func addressProblems(of entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        let own = Set(entries.map(\.id))
        var claims = AddressClaims<Entry<any HTTPServerConfig>>()
        return plan.entries(configuredAs: (any HTTPServerConfig).self).compactMap { entry in
            let address = entry.config.address
            guard let other = claims.claim(address, for: entry), own.contains(entry.id) else { return nil }
            let place = other.location(of: other.addressField)
            return entry.error(
                entry.addressField,
                "is '\(address)', which \(other.id) (\(place)) already uses as '\(other.config.address)'; "
                    + "give one of them another port"
            ).naming(place)
        }
    }
}
