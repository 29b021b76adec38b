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
                "An example of a request's body, for tools that try the endpoint: a text as it is, any other value as "
                    + "JSON.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPEndpoint> {
        .component(HTTPEndpoint(entry, responder: try context.resolve(entry.config.function)))
    }
}
