import HTTPServing
import WippyDefinition
import WippyRuntime

/// `http.endpoint`: answers one method on one path.
struct HTTPEndpointKind: EntryKind {
    static let name: KindName = "http.endpoint"
    static let summary = "Answers one method on one path of a router by a function."

    struct Config: EntryConfig {
        let router: Attachment<HTTPRouter>
        let method: EndpointMethod
        let path: RoutePattern
        let function: Reference<any HTTPResponder>
        let limits: RouteLimits

        init(from fields: inout FieldReader) {
            router = fields.attachment("meta.router", .router, "The router that the endpoint belongs to.")
            method = fields.required("method", "The method that it answers, in capitals; GET answers HEAD, too.")
            path = fields.required("path", "The path below the router's prefix: /tasks, /users/{id}, /files/{rest...}.")
            function = fields.reference("func", .httpFunction, "The function that answers.")
            limits = RouteLimits(from: &fields)
        }
    }

    func offers(_ entry: Entry<Config>) -> [Offer<HTTPEndpoint>] { [Offer(.endpoint) { $0 }] }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPEndpoint> {
        .component(
            HTTPEndpoint(
                id: entry.id, method: entry.config.method.method, path: entry.config.path,
                function: try context.resolve(entry.config.function), limits: entry.config.limits))
    }
}

/// What a router needs to know of one of its endpoints.
struct HTTPEndpoint: Sendable {
    let id: EntryID
    let method: HTTPMethod
    let path: RoutePattern
    let function: Link<any HTTPResponder>
    let limits: RouteLimits
}

extension Contract where Offered == HTTPEndpoint {
    static var endpoint: Self { Contract("an HTTP endpoint") }
}

/// The methods that an endpoint can answer.
enum EndpointMethod: String, FieldChoice {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case patch = "PATCH"
    case head = "HEAD"
    case options = "OPTIONS"
    case trace = "TRACE"

    static var placeholder: EndpointMethod { .get }

    var method: HTTPMethod {
        switch self {
        case .get: .get
        case .post: .post
        case .put: .put
        case .delete: .delete
        case .patch: .patch
        case .head: .head
        case .options: .options
        case .trace: .trace
        }
    }
}

/// The limits that a router sets for its endpoints, or an endpoint for itself; nil leaves the server's.
struct RouteLimits: Sendable, Hashable {
    /// The largest body.
    let body: ByteCount?
    /// How long the function may take; zero is no limit.
    let handlerTimeout: Duration?

    /// How large a body may be allowed to be.
    static let bodyRange = ByteCount(0)...ByteCount(1 << 40)

    init(from fields: inout FieldReader) {
        body = fields.optional(
            "limits.body", in: Self.bodyRange,
            "The largest body of a request; unwritten, the router's or the server's.")
        let unwritten = HTTPServerSettings.Timeouts().responder?.written ?? "0"
        handlerTimeout = fields.optional(
            "timeouts.handler", in: .zero ... .seconds(86_400),
            "How long the function may take before 503; unwritten, as at the router, or \(unwritten); 0 is no limit.")
    }

    private init(body: ByteCount?, handlerTimeout: Duration?) {
        self.body = body
        self.handlerTimeout = handlerTimeout
    }

    /// These limits, and another's where these say nothing.
    func filled(by other: RouteLimits) -> RouteLimits {
        RouteLimits(body: body ?? other.body, handlerTimeout: handlerTimeout ?? other.handlerTimeout)
    }
}
