import HTTPServing
import WippyDefinition
import WippyRuntime
import WippyValues

/// `http.endpoint`: answers one method on one path.
struct HTTPEndpointKind: EntryKind {
    static let name: KindName = "http.endpoint"
    static let summary = "Answers the requests with one method on one path. A function makes the answers."
    static let whenBuiltAnew: String? =
        "The entry is built anew. The server uses the new routes at once, and its connections stay open."

    struct Config: EntryConfig, HTTPEndpointConfig {
        let router: Attachment<HTTPRouter>
        let method: HTTPMethod
        let path: RoutePattern
        let function: Reference<any HTTPResponder>
        let limits: RouteLimits
        let example: Value?

        init(from fields: inout FieldReader) {
            router = fields.attachment("meta.router", .router, "The router that the endpoint belongs to.")
            method = fields.required(
                "method", "The method, in capitals. GET also answers HEAD, unless another endpoint does.")
            path = fields.required(
                Self.pathField, "The path below the router's prefix, such as /tasks, /users/{id} or /files/{rest...}.")
            function = fields.reference("func", .httpFunction, "The function that answers the requests.")
            limits = RouteLimits(from: &fields)
            example = fields.optional(
                "meta.example",
                "The body that `verify crash` posts: a text as it is, any other value as JSON. It posts only to an "
                    + "endpoint with the method POST and without parameters in its path.")
        }
    }

    /// Puts code around each function; nil if there is none.
    var wrap: HTTPKinds.Wrapping?

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPEndpoint> {
        let function = try context.resolve(entry.config.function)
        let responder = wrap.map { Link($0(LinkedResponder(link: function))) } ?? function
        return .component(HTTPEndpoint(entry, responder: responder))
    }
}

/// The responder to which a link leads at the time of each call.
private struct LinkedResponder: HTTPResponder {
    let link: Link<any HTTPResponder>

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        try await link.target.respond(to: request)
    }

    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        link.target.answer(to: error, request)
    }
}
