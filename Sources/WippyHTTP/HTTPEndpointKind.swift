import HTTPServing
import WippyDefinition
import WippyRuntime

/// `http.endpoint`: answers one method on one path.
struct HTTPEndpointKind: EntryKind {
    static let name: KindName = "http.endpoint"
    static let summary = "Answers the requests with one method on one path. A function makes the answers."
    static let whenChanged: String? =
        "The entry is built anew. The server uses the new routes at once, and its connections stay open."

    struct Config: EntryConfig, HTTPEndpointConfig {
        let router: Attachment<HTTPRouter>
        let method: HTTPMethod
        let path: RoutePattern
        let function: Reference<any HTTPResponder>
        let limits: RouteLimits

        init(from fields: inout FieldReader) {
            router = fields.attachment("meta.router", .router, "The router that the endpoint belongs to.")
            method = fields.required("method", "The method, in capitals. GET also answers HEAD.")
            path = fields.required(
                Self.pathField, "The path below the router's prefix, such as /tasks, /users/{id} or /files/{rest...}.")
            function = fields.reference("func", .httpFunction, "The function that answers the requests.")
            limits = RouteLimits(from: &fields)
        }
    }

    /// Makes the responder of an endpoint from its function.
    var wrap: HTTPKinds.Wrapping = { $0 }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPEndpoint> {
        .component(HTTPEndpoint(entry, responder: wrap(try context.resolve(entry.config.function))))
    }
}
