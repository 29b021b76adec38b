import EventLoops
import WippyCommandLine
import WippyDefinition
import WippyHTTP
import WippyRuntime
import WippyText
import WippyValues

/// Tells `verify crash` where the servers of the application under test listen.
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
    static let request = ControlRequest(CrashControl.self, action: "servers")

    private let registry: Registry

    init(_ registry: Registry) {
        self.registry = registry
    }

    func handle(_ request: ControlRequest, _ answer: ControlAnswer) async throws {
        for (id, server) in registry.links(as: .httpServer) { try await answer.send(Server(id, server.target).value) }
    }
}
