import WippyDefinition
import WippyRuntime
import WippyText

/// `http.router`: a prefix, and the middleware around its endpoints.
struct HTTPRouterKind: EntryKind {
    static let name: KindName = "http.router"
    static let summary = "Groups endpoints under a common prefix. Its middleware is code around every request."
    static let whenBuiltAnew: String? =
        "The entry is built anew. The server uses the new routes at once, and its connections stay open. A middleware "
        + "whose options stay the same goes on."

    /// Finds two middlewares with one name, options whose name does not begin with the middleware's name, and kinds of
    /// servers, routers and endpoints whose routes and addresses nothing would check.
    func mistakes(in program: Program) -> [String] {
        let middlewares = program.middlewares
        return program.mistakes(ofKindsOffering: .httpServer, demand: "it must be an HTTPServerKind") {
            $0.kind is any HTTPServerKind
        }
            + program.mistakes(ofKindsOffering: .router, demand: "its config must be an HTTPRouterConfig") {
                $0.config is any HTTPRouterConfig
            }
            + program.mistakes(ofKindsOffering: .endpoint, demand: "its config must be an HTTPEndpointConfig") {
                $0.config is any HTTPEndpointConfig
            } + RepeatedTypes.mistakes(of: "middleware", in: middlewares.map { ($0.name, $0) })
            + middlewares.flatMap { type in
                type.optionNames.filter { !$0.hasExactPrefix("\(type.name).") }.map { option in
                    "the middleware '\(type.name)' (\(String(reflecting: type))) has the option '\(option)', whose "
                        + "name must begin with '\(type.name).'"
                }
            }
    }

    func metricsOfAdditions(in program: Program) -> [MetricDescription] { program.middlewares.flatMap { $0.metrics } }

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

extension Middleware {
    fileprivate static var optionNames: [String] {
        var fields = FieldReader()
        _ = Options(from: &fields)
        return fields.descriptions.map(\.path)
    }
}
