import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

@Suite("Health")
struct HealthTests {
    private static func index(_ health: String) -> String {
        """
        namespace: app
        entries:
          - {name: gateway, kind: http.service, addr: "127.0.0.1:0", \(health)lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: gateway}}
          - {name: any, kind: http.endpoint, meta: {router: router}, method: GET, path: "/{rest...}", func: page}
          - {name: page, kind: function.swift, handler: Page}
          - {name: host, kind: process.host, lifecycle: {auto_start: true}}
          - {name: fickle, kind: process.swift, handler: Fickle}
          - name: fickle-service
            kind: process.service
            process: fickle
            host: host
            lifecycle: {auto_start: true, restart: {initial_delay: 1h, max_delay: 1h}}
        """
    }

    @Test("A server says whether the program lives, and whether every required service is ready")
    func answers() async throws {
        let application = try RunningApplication(
            Self.index("health: {live: /livez, ready: /readyz}, "), [Page.self, Fickle.self])
        let live = try await application.get("/livez")
        #expect(live.status == 200 && live.body == #"{"live":true}"# && live.field("Cache-Control") == "no-store")
        try await eventually("every service is ready") { try await application.get("/readyz").status == 200 }
        #expect(try await application.get("/readyz").body == #"{"ready":true}"#)
        let head = try await application.send("HEAD", "/readyz")
        #expect(head.status == 200 && head.body.isEmpty)
        #expect(try await application.get("/other").body == "page")
        #expect(try await application.send("POST", "/livez").status == 405)

        Fickle.failure.fire()
        try await eventually("the failure is seen") { try await application.get("/readyz").status == 503 }
        #expect(try await application.get("/readyz").body == #"{"ready":false}"#)
        #expect(try await application.get("/livez").status == 200)

        // A reload changes the paths while the server listens.
        let port = application.port
        try await application.reload(Self.index("health: {ready: /health}, "))
        #expect(application.port == port)
        #expect(try await application.get("/health").status == 503)
        #expect(try await application.get("/livez").body == "page")
        try await application.stop()
    }

    @Test("Without the fields there is no such answer")
    func absent() async throws {
        let application = try RunningApplication(Self.index(""), [Page.self, Steady.self])
        #expect(try await application.get("/livez").body == "page")
        try await application.stop()
    }
}

private struct Page: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("page") }
}

/// Fails when it is told to.
private struct Fickle: ProcessHandler {
    static let failure = OneShotEvent()

    init(_ context: HandlerContext) {}

    func run(_ process: ProcessContext) async throws -> Int {
        process.ready()
        await Self.failure.wait()
        return process.isStopping ? 0 : 1
    }
}

/// Is done at once.
private struct Steady: ProcessHandler {
    static let name = "Fickle"

    init(_ context: HandlerContext) {}

    func run(_ process: ProcessContext) -> Int { 0 }
}
