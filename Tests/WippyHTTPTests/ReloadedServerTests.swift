import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// A server, its routers and its functions when the project is read again.
@Suite("A reloaded server", .timeLimit(.minutes(15)))
struct ReloadedServerTests {
    /// A project whose parts the tests change.
    private struct Project {
        var word = "old"
        var server = ""
        var origin = "https://a.example"
        var router = ""
        var endpoint = ""
        var more = ""

        var index: String {
            """
            version: "1.0"
            namespace: app
            entries:
              - {name: gateway, kind: http.service, addr: "127.0.0.1:0", \(server) lifecycle: {auto_start: true}}
              - name: api
                kind: http.router
                meta: {server: gateway}
                middleware: [cors]
                options: {cors.allow.origins: "\(origin)"}
                \(router)
              - {name: say, kind: function.swift, handler: Saying, config: {word: \(word)}}
              - {name: get, kind: http.endpoint, meta: {router: api}, method: GET, path: "/{how}/{key}", func: say}
              - {name: post, kind: http.endpoint, meta: {router: api}, method: POST, path: /, func: say, \(endpoint)}
            \(more)

            """
        }
    }

    private static func withApplication(
        _ project: Project, _ body: (RunningApplication) async throws -> Void
    ) async throws {
        let application = try RunningApplication(project.index, [Saying.self])
        try await body(application)
        try await application.stop()
    }

    /// Sends a request that is held, changes the project, lets it go, and returns its answer.
    private static func held(
        _ path: String, in application: RunningApplication, _ fields: [String] = [], while project: Project
    ) async throws -> TestClient.Response {
        async let answer = application.send("GET", path, fields)
        try await eventually("the request is held") { Saying.held.withLock { $0.contains(path) } }
        try await application.reload(project.index)
        Saying.released.withLock { _ = $0.insert(path) }
        return try await answer
    }

    @Test("A function of another config is built anew; what is under way ends on the old one")
    func function() async throws {
        var project = Project()
        try await Self.withApplication(project) { application in
            let before = try await application.get("/say/1").body
            project.word = "new"
            let held = try await Self.held("/hold/function", in: application, while: project).body
            #expect([before, held, try await application.get("/say/1").body] == ["old", "old", "new"])
            #expect(application.messages.filter { $0 == "listening" }.count == 1)
        }
    }

    @Test("Another option of a middleware is in force for what comes after, whether the function answers or throws")
    func middleware() async throws {
        var project = Project()
        try await Self.withApplication(project) { application in
            for path in ["/hold/middleware", "/throw/middleware"] {
                let (before, after) = (project.origin, "https://\(path.dropFirst().prefix(4)).example")
                project.origin = after
                let answer = try await Self.held(path, in: application, ["Origin: \(before)"], while: project)
                #expect(answer.status == (path.hasPrefix("/throw") ? 500 : 200))
                #expect(answer.field("Access-Control-Allow-Origin") == before)
                for (origin, allowed) in [(before, nil), (after, after)] {
                    let answer = try await application.send("GET", "/say/1", ["Origin: \(origin)"])
                    #expect(answer.field("Access-Control-Allow-Origin") == allowed)
                }
            }
        }
    }

    @Test("Limits of a server, of a router and of an endpoint are in force at once, and so is the log of answers")
    func limits() async throws {
        let body = String(repeating: "x", count: 20)
        var project = Project()
        try await Self.withApplication(project) { application in
            #expect(try await application.send("POST", "/", body: body).status == 200)
            project.server = "limits: {body: 10B}, access_log: true,"
            try await application.reload(project.index)
            #expect(try await application.send("POST", "/", body: body).status == 413)
            #expect(application.messages.contains("answered"))
            project.server = "timeouts: {body: 200ms},"
            project.router = "limits: {body: 10B}"
            try await application.reload(project.index)
            let logged = application.messages.count
            #expect(try await application.send("POST", "/", body: body).status == 413)
            project.endpoint = "limits: {body: 20B}"
            try await application.reload(project.index)
            #expect(try await application.send("POST", "/", body: body).status == 200)
            #expect(try await application.send("POST", "/", ["Content-Length: 2"]).status == 408)
            #expect(!application.messages.dropFirst(logged).contains("answered"))
            project.router = "timeouts: {handler: 50ms}"
            try await application.reload(project.index)
            #expect(try await application.get("/hold/forever").status == 503)
            #expect(application.messages.filter { $0 == "listening" }.count == 1)
        }
    }

    @Test("A server has its old settings and routes again when what else a plan brings fails")
    func takenBack() async throws {
        let body = String(repeating: "x", count: 20)
        var project = Project()
        try await Self.withApplication(project) { application in
            _ = try await application.get("/say/1")
            project.server = "limits: {body: 10B}, access_log: true,"
            project.word = "new"
            let port = try #require(application.port)
            project.more = """
                  - {name: second, kind: http.service, addr: "127.0.0.1:\(port)", lifecycle: {auto_start: true}}
                """
            let reload = try await application.change(project.index)
            guard case .changed(let change) = reload, case .takenBack(let reason) = change.outcome else {
                Issue.record("\(reload)")
                return
            }
            #expect(reason.hasPrefix("app:second: "))
            let logged = application.messages.count
            #expect(try await application.send("POST", "/", body: body).status == 200)
            #expect(try await application.get("/say/1").body == "old")
            #expect(!application.messages.dropFirst(logged).contains("answered"))
        }
    }

    @Test("A server that does not run takes its new settings as well")
    func notRunning() async throws {
        let body = String(repeating: "x", count: 20)
        var project = Project()
        func spare(_ start: Bool, _ limit: String) -> String {
            """
              - {name: spare, kind: http.service, addr: "127.0.0.1:0", \(limit) lifecycle: {auto_start: \(start)}}
              - {name: spare.api, kind: http.router, meta: {server: spare}}
              - {name: spare.post, kind: http.endpoint, meta: {router: spare.api}, method: POST, path: /, func: say}
            """
        }
        project.more = spare(false, "")
        try await Self.withApplication(project) { application in
            #expect(try await application.send("POST", "/", body: body).status == 200)
            project.more = spare(false, "limits: {body: 10B},")
            try await application.reload(project.index)
            project.more = spare(true, "limits: {body: 10B},")
            try await application.reload(project.index)
            #expect(application.messages.filter { $0 == "listening" }.count == 2)
            #expect(try await application.send("POST", "/", body: body).status == 413)
        }
    }
}

/// Answers with the word that it was made with, some requests not before a test lets them go.
private struct Saying: HTTPHandler {
    static let held = Mutex<Set<String>>([])
    static let released = Mutex<Set<String>>([])

    struct Config: EntryConfig {
        let word: String

        init(from fields: inout FieldReader) {
            word = fields.required("word", "What is answered.")
        }
    }

    struct Thrown: Error {}

    private let word: String

    init(_ context: HandlerContext) throws {
        word = try context.config(Config.self).word
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        _ = try await request.body.collect()
        let (how, path) = (request.parameter("how"), request.head.path)
        guard how == "hold" || how == "throw" else { return .text(word) }
        Self.held.withLock { _ = $0.insert(path) }
        try await eventually("the test lets it go") { Self.released.withLock { $0.contains(path) } }
        if how == "throw" { throw Thrown() }
        return .text(word)
    }
}
