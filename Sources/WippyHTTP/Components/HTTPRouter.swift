public import WippyDefinition
public import WippyRuntime

/// The config of a router of any kind.
///
/// Lint finds colliding prefixes and routes among the routers that have such a config.
public protocol HTTPRouterConfig: Sendable {
    /// The part with which the path of each endpoint begins.
    var prefix: RoutePrefix { get }

    /// The name of the field with the prefix.
    static var prefixField: String { get }

    /// The limits of the router. Each applies to the endpoints that do not set it themselves.
    ///
    /// Default: those of the server.
    var limits: RouteLimits { get }
}

extension HTTPRouterConfig {
    /// The usual name of the field with the prefix: `prefix`.
    public static var prefixField: String { "prefix" }

    /// No limits, so those of the server apply.
    public var limits: RouteLimits { .unwritten }
}

/// Endpoints under a prefix, with the middleware around them.
///
/// A kind with this component reads `fields.attachment("meta.server", .httpServer, "…")`, and its config conforms to
/// ``HTTPRouterConfig``.
public struct HTTPRouter: Sendable {
    let prefix: RoutePrefix
    let limits: RouteLimits
    let middleware: MiddlewareChain
    let endpoints: [HTTPEndpoint]

    /// Creates the router of an entry, with the endpoints that belong to it.
    ///
    /// If a reload builds the entry anew, a middleware whose name stays in the same list with the same options goes on:
    /// the new router has the instance of the old one.
    ///
    /// - Parameters:
    ///   - entry: the router's entry.
    ///   - lists: the lists in which the entry names middleware, from the outermost to the innermost. Default: none.
    ///   - middleware: more middleware, inside that of the lists. The first one is the outermost. Default: none.
    ///   - context: the context in which the entry is built.
    /// - Throws: an error when a middleware or an endpoint cannot be made. Do not catch the error.
    public init(
        _ entry: Entry<some HTTPRouterConfig>, lists: [MiddlewareList] = [], middleware: [any Middleware] = [],
        with context: BuildContext
    ) throws {
        prefix = entry.config.prefix
        limits = entry.config.limits
        let old = context.componentInForce(as: .router)?.middleware
        let named = try lists.flatMap { try $0.make(goingOnFrom: old, with: context) }
        self.middleware = MiddlewareChain(
            named + middleware.map { MadeMiddleware($0) }, of: entry.id, among: context.environment.executors)
        endpoints = try context.attached(.endpoint).map(\.offered)
    }
}

extension Contract where Offered == HTTPRouter {
    /// The contract of an entry to which endpoints can belong.
    ///
    /// The config of a kind that offers it must be an ``HTTPRouterConfig``.
    public static var router: Self { Contract("an HTTP router") }
}

extension EntryKind where Component == HTTPRouter {
    /// Offers the router to its server.
    public func offers(_ entry: Entry<Config>) -> [Offer<HTTPRouter>] { [Offer(.router) { $0 }] }

    /// Returns the metrics of the program's middleware if entries of the kind have a ``MiddlewareList`` that can
    /// name all of it.
    ///
    /// Otherwise it returns none.
    public func metricsOfAdditions(in program: Program) -> [MetricDescription] {
        var fields = FieldReader()
        _ = config(from: &fields, in: program)
        let form = MiddlewareList.form(among: program.middlewares)
        return fields.descriptions.contains { $0.form == form } ? program.middlewares.flatMap { $0.metrics } : []
    }
}
