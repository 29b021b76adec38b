import HTTPServing
import WippyDefinition
import WippyRuntime
import WippyText

/// `http.router`: a prefix, and what stands before its endpoints.
struct HTTPRouterKind: EntryKind {
    static let name: KindName = "http.router"
    static let summary = "Endpoints under a common prefix, with middleware before them."

    struct Config: EntryConfig {
        let server: Attachment<HTTPServerComponent>
        let prefix: String
        let middleware: MiddlewareList
        let postMiddleware: MiddlewareList
        let limits: RouteLimits

        init(from fields: inout FieldReader) {
            server = fields.attachment("meta.server", .httpServer, "The server that the router belongs to.")
            let written = fields.optional("prefix", default: "", "What the path of every endpoint begins with.")
            prefix = written.hasExactSuffix("/") ? String(written.unicodeScalars.dropLast()) : written
            middleware = MiddlewareList("middleware", "options", from: &fields)
            postMiddleware = MiddlewareList("post_middleware", "post_options", from: &fields)
            limits = RouteLimits(from: &fields)
            if !prefix.isEmpty, !prefix.hasExactPrefix("/") {
                fields.reject("prefix", "must start with '/', got '\(written)'")
            }
        }
    }

    func offers(_ entry: Entry<Config>) -> [Offer<HTTPRouter>] { [Offer(.router) { $0 }] }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPRouter> {
        .component(
            HTTPRouter(
                id: entry.id, prefix: entry.config.prefix,
                middleware: entry.config.middleware.make() + entry.config.postMiddleware.make(),
                limits: entry.config.limits, endpoints: try context.attached(.endpoint).map(\.link.target)))
    }
}

/// What a server needs to know of one of its routers.
struct HTTPRouter: Sendable {
    let id: EntryID
    let prefix: String
    /// The first is outermost.
    let middleware: [any Middleware]
    let limits: RouteLimits
    let endpoints: [HTTPEndpoint]
}

extension Contract where Offered == HTTPRouter {
    static var router: Self { Contract("an HTTP router") }
}

/// The middlewares that a router names, with their options.
struct MiddlewareList: Sendable, Equatable {
    private let names: [ExactText]
    private let options: [ExactText: OptionText]

    init(_ listPath: String, _ optionsPath: String, from fields: inout FieldReader) {
        names = fields.optional(listPath, default: [], "What stands before the endpoints; the first is outermost.")
        options = fields.optional(optionsPath, default: [:], "The options of the middlewares, by name.")
        let known = standardMiddlewares.map { $0.name }
        let listed = known.map(\.string).joined(separator: ", ")
        for name in names where !known.contains(name) {
            let help = Spelling.nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
            fields.reject(
                listPath,
                "names '\(name)', which is no middleware; there is \(listed)\(help)"
            )
        }
        let optionNames = types.flatMap { $0.options.flatMap { [$0.name, $0.olderName].compactMap(\.self) } }
        for name in options.keys.sorted() where !optionNames.contains(name) {
            let help = Spelling.nearest(to: name, among: optionNames).map { "; did you mean '\($0)'?" } ?? ""
            fields.reject(optionsPath, "has '\(name)', which no middleware of the router reads\(help)")
        }
    }

    private var types: [any Middleware.Type] {
        names.compactMap { name in standardMiddlewares.first { $0.name == name } }
    }

    /// Makes the middlewares, in their order.
    func make() -> [any Middleware] {
        let written = options.mapValues(\.text)
        return types.map { $0.init(MiddlewareOptions(written, known: $0.options)) }
    }
}

/// The value of an option: text, or a number or truth value as its text.
struct OptionText: FieldValue {
    let text: String

    static var expectation: String { "a text" }
    static var placeholder: OptionText { OptionText(text: "") }

    init(text: String) {
        self.text = text
    }

    init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, !node.isNull else { throw .expected(Self.expectation, got: node) }
        text = scalar.text
    }

    var written: String { text }
}
