import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// That every answer below a router passes its middleware, whoever makes it: seen through `cors`, over real sockets.
@Suite("Middleware", .timeLimit(.minutes(15)))
struct MiddlewareTests {
    private static let origin = "https://a.example"

    /// A request, and what it is answered.
    struct Case: Sendable, CustomTestStringConvertible {
        let method: String
        let path: String
        let status: Int
        var body = ""
        var fields: [String] = []

        init(_ method: String, _ path: String, _ status: Int, body: String = "", _ fields: [String] = []) {
            (self.method, self.path, self.status, self.body, self.fields) = (method, path, status, body, fields)
        }

        var testDescription: String { "\(method) \(path): \(status)" }
    }

    private static let preflight = ["Access-Control-Request-Method: GET"]

    private static let cases = [
        Case("GET", "/api/t/ok/1", 200),
        Case("HEAD", "/api/t/ok/1", 200),
        Case("OPTIONS", "/api/t/ok/1", 204),
        Case("OPTIONS", "/api/t/ok/1", 204, preflight),
        Case("GET", "/api/t/ok/throw", 500),
        Case("HEAD", "/api/t/ok/throw", 500),
        Case("GET", "/api/t/ok/teapot", 409),
        Case("GET", "/api/t/ok/unavailable", 503),
        Case("GET", "/api/t/ok/interim", 500),
        Case("GET", "/api/t/ok/stream", 500),
        Case("GET", "/api/t/slow", 503),
        Case("HEAD", "/api/t/slow", 503),
        Case("POST", "/api/t/small", 413, body: String(repeating: "x", count: 100)),
        Case("DELETE", "/api/t/ok/1", 405),
        Case("GET", "/api/t/none", 404),
        Case("GET", "/api/t", 404),
        Case("GET", "/%61pi/t/none", 404),
        Case("GET", "/api/t%2Fu/none", 404),
        Case("OPTIONS", "/api/t/none", 204, preflight),
        Case("GET", "/api/t/files", 307),
        Case("OPTIONS", "/api/t/files", 204, preflight),
        Case("GET", "/api/t//ok/1", 307),
        Case("GET", "/api/t/./none", 307),
        Case("GET", "/api/t/%2E%2e/t/ok/1", 307),
        Case("OPTIONS", "/api//t/ok/1", 204, preflight),
        Case("GET", "/api/t/files/..%2F..%2Fetc", 400),
        Case("GET", "/caf%C3%A9/none", 404),
        Case("GET", "/caf%c3%a9/ok", 200),
        Case("POST", "/caf%C3%A9/ok", 405),
    ]

    @Test("Every answer can be read by an allowed origin, and says that it depends on the origin", arguments: cases)
    func passes(_ sent: Case) async throws {
        try await Self.withApplication { application in
            let origin = ["Origin: \(Self.origin)"]
            let answer = try await application.send(sent.method, sent.path, origin + sent.fields, body: sent.body)
            #expect(answer.status == sent.status)
            #expect(answer.field("Access-Control-Allow-Origin") == Self.origin)
            #expect(answer.field("Access-Control-Allow-Credentials") == "true")
            #expect(answer.field("Vary")?.contains("Origin") == true)
            for fields in [[], ["Origin: https://b.example"], ["Origin: null"]] {
                let other = try await application.send(sent.method, sent.path, fields, body: sent.body)
                #expect(other.field("Access-Control-Allow-Origin") == nil)
                #expect(other.field("Vary")?.contains("Origin") == true)
            }
        }
    }

    @Test("A router inside another, and one for everything: the longest prefix counts, and a route's own router first")
    func nested() async throws {
        try await Self.withApplication { application in
            let cases: [(method: String, path: String, fields: [String], seen: String)] = [
                ("GET", "/elsewhere", [], "X-Root"), ("GET", "/", [], "X-Root"), ("GET", "/inner/none", [], "X-Inner"),
                ("GET", "/inner", [], "X-Inner"), ("GET", "/innermost", [], "X-Root"),
                ("GET", "/inner/of-root", [], "X-Root"), ("PUT", "/inner/of-root", [], "X-Root"),
                ("OPTIONS", "/inner/of-root", Self.preflight, "77"),
            ]
            for (method, path, fields, seen) in cases {
                let answer = try await application.send(method, path, ["Origin: https://c.example"] + fields)
                let found =
                    answer.field("Access-Control-Expose-Headers") ?? answer.field("Access-Control-Max-Age")
                #expect(found == seen, "\(method) \(path)")
            }
        }
    }

    @Test(
        "A preflight is answered with what is asked for where everything is allowed, and a null origin is never named")
    func everything() async throws {
        try await Self.withApplication { application in
            let asked = [
                "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization,x-a",
                "Access-Control-Request-Private-Network: true",
            ]
            let answer = try await application.send("OPTIONS", "/inner/none", ["Origin: null"] + asked)
            #expect(answer.status == 204)
            #expect(answer.field("Access-Control-Allow-Origin") == "*")
            #expect(answer.field("Access-Control-Allow-Methods") == "PUT")
            #expect(answer.field("Access-Control-Allow-Headers") == "authorization,x-a")
            #expect(answer.field("Access-Control-Allow-Private-Network") == "true")
            #expect(answer.field("Access-Control-Allow-Credentials") == nil)
        }
    }

    @Test("What may succeed later is 503 with Retry-After, and its lines are bounded and counted")
    func unavailable() async throws {
        let clock = TestClock()
        let application = try RunningApplication(Self.index, [Odd.self], clock: clock)
        for _ in 0..<2 {
            let answer = try await application.get("/api/t/ok/unavailable")
            #expect(answer.status == 503 && answer.field("Retry-After") == "1")
            #expect(answer.body.contains("request_id") && !answer.body.contains("full"))
            for _ in 0..<20 { _ = try await application.get("/api/t/ok/unavailable") }
            clock.advance(by: .seconds(1))
        }
        #expect(try await application.get("/api/t/ok/permanent").status == 500)
        try await application.stop()
        let lines = application.log.records.filter { $0.message.hasSuffix("temporarily refused") }
        // Ten a second; the first of the next second, and the last of all, count those that are left out.
        #expect(lines.count == 21)
        let counted = lines.enumerated().compactMap { index, line -> [Int]? in
            guard case .value(.integer(let count))? = line.metadata["left_out"] else { return nil }
            return [index, count]
        }
        #expect(counted == [[10, 11], [20, 11]])
        #expect(lines.map { $0.metadata["path"] != nil } == Array(repeating: true, count: 20) + [false])
        let counts = application.application.metrics.counts
        #expect(counts.contains { $0.key.name == "http.unavailable" && $0.value == 42 })
    }

    @Test("Literals of a pattern are compared decoded, and what a rest holds stays below a folder")
    func encoded() async throws {
        try await Self.withApplication { application in
            for path in ["/lit/a%20b%41", "/lit/%61%20bA"] {
                #expect(try await application.get(path).status == 200)
            }
            #expect(try await application.get("/lit/a%2520bA").status == 404)
            for (path, rest) in [
                ("/api/t/files/a/b", "a/b"), ("/api/t/files/a%2Fb%20c/", "a/b c/"), ("/api/t/files/", ""),
                ("/api/t/files/...", "..."), ("/api/t/files/..a", "..a"),
            ] {
                let answer = try await application.get(path)
                #expect(answer.status == 200 && answer.body == rest)
            }
            for path in ["..%2Fa", "%2Fetc", "a%2F%2Fb", "a%2F..", "a/..%2F", "a%00", "%2F", "%2e%2E%2fa", ".%2Fa"] {
                #expect(try await application.get("/api/t/files/\(path)").status == 400, "\(path)")
            }
            #expect(try await application.get("/api/t/files/%2e%2e/x").field("Location") == "/api/t/x")
            #expect(try await application.get("/api/t/files/.%2E?q=%2e").field("Location") == "/api/t/?q=%2e")
        }
    }

    @Test("What an answer depends on is said once, beside what its handler says")
    func vary() async throws {
        try await Self.withApplication { application in
            for (what, vary) in [("1", "Origin"), ("vary-a", "Accept, Origin"), ("vary-o", "origin, Accept")] {
                let answer = try await application.get("/api/t/ok/\(what)")
                #expect(answer.field("Vary") == vary)
            }
            // The handler answers a preflight whose origin is not allowed.
            let (method, headers) = ("Access-Control-Request-Method", "Access-Control-Request-Headers")
            let preflight = ["Origin: https://b.example", "\(method): GET"]
            for (what, vary) in [
                ("1", "Origin, \(method), \(headers)"), ("vary-a", "Accept, Origin, \(method), \(headers)"),
                ("vary-o", "origin, Accept, \(method), \(headers)"), ("vary-*", "*"),
            ] {
                let answer = try await application.send("OPTIONS", "/api/t/options/\(what)", preflight)
                #expect(answer.field("Vary") == vary)
            }
        }
    }

    @Test("OPTIONS of the server as a whole names what it can")
    func wholeServer() async throws {
        try await Self.withApplication { application in
            let answer = try await application.send("OPTIONS", "*")
            #expect(answer.status == 200 && answer.field("Content-Length") == "0")
            #expect(answer.field("Allow") == "GET, HEAD, OPTIONS, POST")
        }
    }

    private static func withApplication(_ body: (RunningApplication) async throws -> Void) async throws {
        let application = try RunningApplication(index, [Odd.self])
        try await body(application)
        try await application.stop()
    }

    private static let index = """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: odd, kind: function.swift, handler: Odd}
          - name: api
            kind: http.router
            meta: {server: server}
            prefix: "/api/{tenant}"
            middleware: [cors]
            options: {cors.allow.origins: "https://other.example, \(origin)", cors.allow.credentials: "true"}
          - name: coffee
            kind: http.router
            meta: {server: server}
            prefix: /café/
            post_middleware: [cors]
            post_options: {allow_origins: "HTTPS://A.example:443", cors.allow.credentials: true}
          - name: root
            kind: http.router
            meta: {server: server}
            prefix: /
            middleware: [cors]
            options: {cors.expose.headers: X-Root, cors.max.age: 77}
          - name: inner
            kind: http.router
            meta: {server: server}
            prefix: /inner
            middleware: [cors]
            options:
              cors.expose.headers: |
                X-Inner
              cors.allow.headers: "*"
              cors.allow.methods: "*"
              cors.allow.private.network: "true"
          - {name: e1, kind: http.endpoint, meta: {router: api}, method: GET, path: "/ok/{what}", func: odd}
          - {name: e2, kind: http.endpoint, meta: {router: api}, method: GET, path: "/files/{rest...}", func: odd}
          - name: e3
            kind: http.endpoint
            meta: {router: api}
            method: GET
            path: /slow
            func: odd
            timeouts: {handler: 50ms}
          - name: e4
            kind: http.endpoint
            meta: {router: api}
            method: POST
            path: /small
            func: odd
            limits: {body: 10B}
          - {name: e5, kind: http.endpoint, meta: {router: coffee}, method: GET, path: /ok, func: odd}
          - {name: e6, kind: http.endpoint, meta: {router: root}, method: GET, path: /inner/of-root, func: odd}
          - {name: e7, kind: http.endpoint, meta: {router: root}, method: GET, path: "/lit/a%20b%41", func: odd}
          - {name: e8, kind: http.endpoint, meta: {router: api}, method: OPTIONS, path: "/options/{what}", func: odd}

        """
}

private struct Broken: Error {}

/// A handler that does what it is asked for.
private struct Odd: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.method == .post { return .text("\(try await request.body.collect().count)") }
        if request.head.path.hasSuffix("/slow") {
            // Goes on when it is cancelled, and not before.
            try? await Task.sleep(for: .seconds(3600))
        }
        if let rest = request.parameter("rest") { return .text(rest) }
        switch request.parameter("what") {
        case "throw": throw Broken()
        case "teapot": throw HTTPError(.conflict, "no")
        case "unavailable": throw WippyError(.unavailable, "the queue is full", isRetryable: true)
        case "permanent": throw WippyError(.unavailable, "the queue is gone", isRetryable: false)
        case "interim": return HTTPResponse(status: HTTPStatus(code: 103) ?? .ok)
        case "stream": return HTTPResponse(status: .ok, body: .stream(length: nil) { _ in throw Broken() })
        case "vary-a", "vary-o", "vary-*":
            var response = HTTPResponse(status: .ok)
            let vary = ["vary-a": "Accept", "vary-o": "origin, Accept"]
            try response.fields.set(.vary, request.parameter("what").flatMap { vary[$0] } ?? "*")
            return response
        default: return .text("fine")
        }
    }
}
