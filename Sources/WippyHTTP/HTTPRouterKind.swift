import HTTPServing
import WippyDefinition
import WippyRuntime

/// `http.router`: a prefix, and what stands before its endpoints.
struct HTTPRouterKind: EntryKind {
    static let name: KindName = "http.router"
    static let summary = "Endpoints under a common prefix, with middleware before them."

    /// The middlewares that a router can name.
    let middleware: [any Middleware.Type]

    /// Two middlewares of one name.
    var mistakes: [String] {
        Dictionary(grouping: middleware) { $0.name }.sorted { $0.key < $1.key }.compactMap { name, types in
            types.count < 2 ? nil : "the middleware '\(name)' is listed \(RepeatedTypes(types))"
        }
    }

    struct Config: Sendable, Equatable {
        let server: Attachment<HTTPServerComponent>
        let prefix: RoutePrefix
        let middleware: MiddlewareList
        let postMiddleware: MiddlewareList
        let limits: RouteLimits
    }

    func config(from fields: inout FieldReader, in program: DecodingContext) -> Config {
        Config(
            server: fields.attachment("meta.server", .httpServer, "The server that the router belongs to."),
            prefix: fields.optional("prefix", default: .none, "What the path of every endpoint begins with."),
            middleware: MiddlewareList("middleware", "options", among: middleware, from: &fields),
            postMiddleware: MiddlewareList("post_middleware", "post_options", among: middleware, from: &fields),
            limits: RouteLimits(from: &fields))
    }

    func offers(_ entry: Entry<Config>) -> [Offer<HTTPRouter>] { [Offer(.router) { $0 }] }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPRouter> {
        .component(
            HTTPRouter(
                id: entry.id, prefix: entry.config.prefix,
                middleware: MiddlewareChain(
                    entry.config.middleware.make() + entry.config.postMiddleware.make(), of: entry.id,
                    among: context.environment.executors),
                limits: entry.config.limits, endpoints: try context.attached(.endpoint).map(\.link.target)))
    }
}

/// What a server needs to know of one of its routers.
struct HTTPRouter: Sendable {
    let id: EntryID
    let prefix: RoutePrefix
    let middleware: MiddlewareChain
    let limits: RouteLimits
    let endpoints: [HTTPEndpoint]
}

extension Contract where Offered == HTTPRouter {
    static var router: Self { Contract("an HTTP router") }
}
