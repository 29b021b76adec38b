public import WippyDefinition
public import WippyRuntime

/// What is written about a router, whatever its kind: by this lint finds prefixes and routes that collide.
public protocol HTTPRouterConfig: Sendable {
    /// What the path of each of its endpoints begins with.
    var prefix: RoutePrefix { get }

    /// The field that says the prefix; `prefix` unless stated.
    static var prefixField: String { get }

    /// The limits of its endpoints that set none; by default those of its server.
    var limits: RouteLimits { get }
}

extension HTTPRouterConfig {
    /// `prefix`.
    public static var prefixField: String { "prefix" }

    /// By default those of its server.
    public var limits: RouteLimits { .unwritten }
}

/// Endpoints under a prefix, and the middleware before them: what a server knows of the entry.
///
/// A kind with such a component reads `fields.attachment("meta.server", .httpServer, "…")`, and its config is an
/// ``HTTPRouterConfig``.
public struct HTTPRouter: Sendable {
    let prefix: RoutePrefix
    let limits: RouteLimits
    let middleware: MiddlewareChain
    let endpoints: [HTTPEndpoint]

    /// Creates the router of an entry, with the endpoints that are attached to it.
    ///
    /// - Parameters:
    ///   - middleware: what each request passes, the first outermost.
    ///   - context: what the entry is built with.
    /// - Throws: ``BuildError`` when an endpoint cannot be built.
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
