public import WippyDefinition
public import WippyRuntime

/// The config of a router of any kind.
///
/// With this type, lint finds prefixes and routes that collide.
public protocol HTTPRouterConfig: Sendable {
    /// The beginning of the path of each of its endpoints.
    var prefix: RoutePrefix { get }

    /// The field with the prefix; by default `prefix`.
    static var prefixField: String { get }

    /// The limits for endpoints without their own; by default those of the server.
    var limits: RouteLimits { get }
}

extension HTTPRouterConfig {
    /// `prefix`.
    public static var prefixField: String { "prefix" }

    /// By default those of its server.
    public var limits: RouteLimits { .unwritten }
}

/// Endpoints under a prefix, with the middleware around them.
///
/// A kind with this component reads `fields.attachment("meta.server", .httpServer, "…")`, and its config is an
/// ``HTTPRouterConfig``.
public struct HTTPRouter: Sendable {
    let prefix: RoutePrefix
    let limits: RouteLimits
    let middleware: MiddlewareChain
    let endpoints: [HTTPEndpoint]

    /// Creates the router of an entry, with the endpoints that belong to it.
    ///
    /// - Parameters:
    ///   - entry: the router's entry.
    ///   - middleware: the middleware for each request; the first is outermost.
    ///   - context: the context in which the entry is built.
    /// - Throws: `BuildError` when an endpoint cannot be built.
    public init(
        _ entry: Entry<some HTTPRouterConfig>, middleware: [any Middleware] = [], with context: BuildContext
    ) throws {
        prefix = entry.config.prefix
        limits = entry.config.limits
        self.middleware = MiddlewareChain(middleware, of: entry.id, among: context.environment.executors)
        endpoints = try context.attached(.endpoint).map(\.offered)
    }
}

extension Contract where Offered == HTTPRouter {
    /// An entry that endpoints can belong to.
    public static var router: Self { Contract("an HTTP router") }
}

extension EntryKind where Component == HTTPRouter {
    /// A router of its server.
    public func offers(_ entry: Entry<Config>) -> [Offer<HTTPRouter>] { [Offer(.router) { $0 }] }
}
