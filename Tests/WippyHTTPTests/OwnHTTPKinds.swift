import Synchronization
import Wippy

struct OwnAnswer: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("answered") }
}

/// An endpoint that answers GET with a text.
struct OwnEndpointKind: EntryKind {
    static let name: KindName = "own.endpoint"
    static let summary = "Answers GET with a text."

    struct Config: EntryConfig, HTTPEndpointConfig {
        let router: Attachment<HTTPRouter>
        let path: RoutePattern
        let text: String
        var method: HTTPMethod { .get }

        init(from fields: inout FieldReader) {
            router = fields.attachment("meta.router", .router, "The router that the endpoint belongs to.")
            path = fields.required("path", "The path below the router's prefix.")
            text = fields.required("text", "What is answered.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<HTTPEndpoint> {
        .component(HTTPEndpoint(entry, responder: Link(TextResponder(text: entry.config.text))))
    }
}

private struct TextResponder: HTTPResponder {
    let text: String

    func respond(to request: HTTPRequest) -> HTTPResponse { .text("\(text) \(request.parameter("name") ?? "")") }
}

/// A router whose middleware is always the same.
struct OwnRouterKind: EntryKind {
    static let name: KindName = "own.router"
    static let summary = "Says of each answer that it has passed."

    struct Config: EntryConfig, HTTPRouterConfig {
        let server: Attachment<any HTTPServerComponent>
        let prefix: RoutePrefix

        init(from fields: inout FieldReader) {
            server = fields.attachment("meta.server", .httpServer, "The server that the router belongs to.")
            prefix = fields.required("prefix", "What the path of every endpoint begins with.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPRouter> {
        .component(try HTTPRouter(entry, middleware: [Passed(NoConfig())], with: context))
    }
}

private struct Passed: Middleware {
    static let name: ExactText = "passed"

    init(_ options: NoConfig) {}

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        try? response.fields.set("X-Own", "passed")
    }
}

/// A server whose only setting is its health checks.
struct OwnServerKind: HTTPServerKind {
    static let name: KindName = "own.server"
    static let summary = "A server with health checks."
    static let role: ServiceRole? = .server

    struct Config: EntryConfig, HTTPServerConfig {
        let address: SocketAddress
        let health: HealthPaths

        init(from fields: inout FieldReader) {
            address = fields.required("addr", "Where the server listens.")
            health = HealthPaths(from: &fields)
        }
    }

    /// A check of its own beside those that every server has.
    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        let routers = plan.attached(to: entry.id, configuredAs: (any HTTPRouterConfig).self)
        return routers.isEmpty ? [entry.error("addr", "is of no use: the server has no router")] : []
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<OwnServer> {
        let server = OwnServer(
            address: entry.config.address,
            responder: try RouteDispatcher(context, health: entry.config.health),
            loops: try context.eventLoops(), log: context.log)
        return .component(server, service: server)
    }
}

final class OwnServer: HTTPServerComponent, ManagedService {
    let responder: RouteDispatcher
    private let address: SocketAddress
    private let loops: EventLoopGroup
    private let log: Log
    private let listening = Mutex<SocketAddress?>(nil)

    init(address: SocketAddress, responder: RouteDispatcher, loops: EventLoopGroup, log: Log) {
        (self.address, self.responder, self.loops, self.log) = (address, responder, loops, log)
    }

    var listeningAddress: SocketAddress? { listening.withLock { $0 } }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let server = try HTTPServer(HTTPServerSettings(address: address), responder: responder)
        let address = try await server.start(on: loops)
        listening.withLock { $0 = address }
        defer { listening.withLock { $0 = nil } }
        log.info("listening", ["address": "\(address)"])
        ready()
        await stop.wait()
        await server.stop()
        responder.finish()
    }
}
