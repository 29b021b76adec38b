import EventLoops
import WippyCommandLine
import WippyDefinition
import WippyHTTP
import WippyMessaging
import WippyRuntime
import WippyText
import WippyValues

/// Tells `verify crash` the state of the application under test: its servers and its queues.
struct CrashControl: ControlService {
    static let name = "crash"

    /// The state of a server of the application.
    struct Server: Equatable {
        let id: ExactText

        /// The port on which the server listens; nil if it does not listen.
        let port: Int?

        /// True if the application is ready.
        let isReady: Bool

        var value: Value {
            [
                "server": .string(id.string), "port": port.map { .integer($0) } ?? .null, "ready": .bool(isReady),
            ]
        }

        init(_ id: EntryID, _ server: any HTTPServerComponent) {
            self.id = ExactText(id.description)
            port = server.listeningAddress?.port
            isReady = server.responder.applicationIsReady
        }

        init(_ value: Value) {
            id = ExactText(value["server"]?.string ?? "")
            port = value["port"]?.integer
            isReady = value["ready"] == true
        }
    }

    /// The request for the states of all servers.
    static let servers = ControlRequest(CrashControl.self, action: "servers")

    /// The request for the number of messages in all queues.
    static let backlog = ControlRequest(CrashControl.self, action: "backlog")

    private let registry: Registry

    init(_ registry: Registry) {
        self.registry = registry
    }

    func handle(_ request: ControlRequest, _ answer: ControlAnswer) async throws {
        guard request.action == Self.backlog.action else {
            for (id, server) in registry.links(as: .httpServer) {
                try await answer.send(Server(id, server.target).value)
            }
            return
        }
        var count = 0
        for queue in registry.links(as: .queue).values { count += (try? await queue.target.count.total) ?? 0 }
        try await answer.send(.integer(count))
    }
}
