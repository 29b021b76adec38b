import WippyDefinition
import WippyRuntime

/// `http.router`: a prefix, and the middleware around its endpoints.
struct HTTPRouterKind: EntryKind {
    static let name: KindName = "http.router"
    static let summary = "Groups endpoints under a common prefix. Its middleware is code around every request."
    static let whenBuiltAnew: String? =
        "The entry is built anew. The server uses the new routes at once, and its connections stay open. A middleware "
        + "whose options stay the same goes on."

    struct Config: HTTPRouterConfig, Equatable {
        let server: Attachment<any HTTPServerComponent>
        let prefix: RoutePrefix
        let middleware: MiddlewareList
        let postMiddleware: MiddlewareList
        let limits: RouteLimits
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        let middlewares = program.middlewares
        return Config(
            server: fields.attachment("meta.server", .httpServer, "The server that the router belongs to."),
            prefix: fields.optional(
                Config.prefixField, default: .none, "The beginning of the path of each endpoint of the router."),
            middleware: MiddlewareList(
                at: "middleware", optionsAt: "options", among: middlewares, from: &fields,
                "The names of the middleware around the endpoints, from the outermost to the innermost."),
            postMiddleware: MiddlewareList(
                at: "post_middleware", optionsAt: "post_options", among: middlewares, from: &fields,
                "The names of more middleware, from the outermost to the innermost. All of it is inside the middleware "
                    + "that 'middleware' names."),
            limits: RouteLimits(from: &fields, isRouter: true))
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPRouter> {
        .component(
            try HTTPRouter(entry, lists: [entry.config.middleware, entry.config.postMiddleware], with: context))
    }
}
