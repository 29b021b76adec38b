import EventLoops
import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// That what a middleware keeps of a request reaches every answer, and is released: over real sockets and without.
@Suite("The state of a middleware", .timeLimit(.minutes(15)), .serialized)
struct MiddlewareStateTests {
    private static let kinds: [any ProgramPart] = .standard(middleware: [Holding.self, Inner.self, Plain.self])

    private static let index = """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: odd, kind: function.swift, handler: Odd}
          - {name: router, kind: http.router, meta: {server: server}, middleware: [holding, inner]}
          - {name: any, kind: http.endpoint, meta: {router: router}, method: GET, path: "/{what}", func: odd}
          - name: slow
            kind: http.endpoint
            meta: {router: router}
            method: GET
            path: /slow
            func: odd
            timeouts: {handler: 50ms}
          - name: small
            kind: http.endpoint
            meta: {router: router}
            method: POST
            path: /small
            func: odd
            limits: {body: 10B}
        """

    private static let cases = [
        ("GET", "/fine", 200), ("HEAD", "/fine", 200), ("GET", "/none/at/all", 404), ("DELETE", "/fine", 405),
        ("GET", "/throw", 500), ("GET", "/interim", 500), ("GET", "/stream", 500), ("GET", "/slow", 503),
        ("GET", "/answered", 204), ("GET", "/refused", 500), ("POST", "/small", 413),
    ]

    @Test("It reaches every answer of the router, of whomever, and is released")
    func reaches() async throws {
        let application = try RunningApplication(Self.index, [Odd.self], kinds: Self.kinds)
        for (method, path, status) in Self.cases {
            let body = method == "POST" ? String(repeating: "x", count: 100) : ""
            let answer = try await application.send(method, path, body: body)
            #expect(answer.status == status, "\(method) \(path)")
            #expect(answer.field("X-Held") == path, "\(method) \(path)")
        }
        try await eventually("released") { Held.count == 0 }
        try await application.stop()
    }

    @Test("Each request of a connection has its own, and one whose client goes away is released")
    func ends() async throws {
        let application = try RunningApplication(Self.index, [Odd.self], kinds: Self.kinds)
        try await eventually("it listens") { application.port != nil }
        let address = try SocketAddress(parsing: "127.0.0.1:\(try #require(application.port))")
        try await onThread {
            let client = try TestClient(to: address)
            for path in ["/one", "/two"] {
                let answer = try client.exchange("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(answer?.field("X-Held") == path)
            }
            try client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        // The client is gone with the closure.
        try await eventually("released") { Held.hasBeen("/endless") && Held.count == 0 }
        try await application.stop()
    }

    @Test("A router calls the same methods of a middleware without a state, whether another one has a state or not")
    func sameMethods() async throws {
        for list in ["[plain]", "[holding, plain]"] {
            let index = Self.index.replacing("[holding, inner]", with: list)
            try await TestApplication(
                project: .definitions(index), handlers: [Odd.self], kinds: Self.kinds, usesSockets: false
            ) { application async throws in
                #expect(try await application.get("/fine").fields["X-Plain"] == "completed", "\(list)")
                #expect(try await application.get("/plain").status == 204, "\(list)")
            }
        }
    }

    @Test("It reaches the answers to requests without a socket, too")
    func withoutSockets() async throws {
        try await TestApplication(
            project: .definitions(Self.index), handlers: [Odd.self], kinds: Self.kinds, usesSockets: false
        ) { application async throws in
            for path in ["/fine", "/throw", "/refused"] {
                #expect(try await application.get(path).fields["X-Held"] == path)
            }
        }
    }
}

private struct Broken: Error {}

/// A value that counts how many of it there are.
private final class Held: Sendable {
    private static let all = Mutex<(count: Int, paths: Set<String>)>((0, []))

    static var count: Int { all.withLock { $0.count } }
    static func hasBeen(_ path: String) -> Bool { all.withLock { $0.paths.contains(path) } }

    let path: String

    init(_ path: String) {
        self.path = path
        Self.all.withLock { all in
            all.count += 1
            all.paths.insert(path)
        }
    }

    deinit { Self.all.withLock { $0.count -= 1 } }
}

/// Keeps the path of a request, and puts it into the answer.
private struct Holding: Middleware {
    static let name: ExactText = "holding"
    init(_ options: NoConfig) {}

    func admit(_ request: inout HTTPRequest, keeping state: inout Held?) async throws -> HTTPResponse? {
        state = Held(request.head.path)
        return nil
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: Held?) {
        try? response.fields.set("X-Held", state?.path ?? "nothing")
    }
}

/// A middleware without a state, inside of the other.
private struct Inner: Middleware {
    static let name: ExactText = "inner"
    init(_ options: NoConfig) {}

    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? {
        switch request.head.path {
        case "/answered": return HTTPResponse(status: .noContent)
        case "/refused": throw Broken()
        default: return nil
        }
    }
}

/// Implements the longer methods, and keeps nothing.
private struct Plain: Middleware {
    static let name: ExactText = "plain"
    init(_ options: NoConfig) {}

    func admit(_ request: inout HTTPRequest, keeping state: inout Void?) async throws -> HTTPResponse? {
        request.head.path == "/plain" ? HTTPResponse(status: .noContent) : nil
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: Void?) {
        try? response.fields.set("X-Plain", "completed")
    }
}

/// A handler that does what it is asked for.
private struct Odd: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch request.head.path {
        case "/throw": throw Broken()
        case "/interim": return HTTPResponse(status: HTTPStatus(code: 103) ?? .ok)
        case "/stream": return HTTPResponse(status: .ok, body: .stream(length: nil) { _ in throw Broken() })
        case "/slow", "/endless":
            try await Task.sleep(for: .seconds(3600))
            return .text("late")
        case "/small": return .text("\(try await request.body.collect().count)")
        default: return .text("fine")
        }
    }
}
