import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// A server, a router and an endpoint of kinds from outside, beside ours and in their place.
@Suite("Kinds of HTTP from outside", .timeLimit(.minutes(15)))
struct OwnHTTPKindsTests {
    private static let kinds: [any ProgramPart] =
        .standard + [OwnServerKind(), OwnRouterKind(), OwnEndpointKind()]

    private static func errors(_ entries: String) throws -> [String] {
        let folder = try TemporaryFolder()
        try folder.write("namespace: app\nentries:\n\(entries)\n", to: "src/_index.yaml")
        let application = Application(project: folder.path, handlers: [OwnAnswer.self], kinds: kinds)
        return application.check().report.diagnostics.filter { $0.severity == .error }.map(\.description)
    }

    @Test("Routes and prefixes collide whatever the kinds of their endpoints and routers are")
    func collisions() throws {
        let found = try Self.errors(
            """
              - {name: server, kind: http.service, addr: ":0"}
              - {name: api, kind: http.router, meta: {server: server}, prefix: "/api/{a}"}
              - {name: own, kind: own.router, meta: {server: server}, prefix: "/api/{b}"}
              - {name: rest, kind: own.router, meta: {server: server}, prefix: /}
              - {name: answer, kind: function.swift, handler: OwnAnswer}
              - {name: one, kind: http.endpoint, meta: {router: rest}, method: GET, path: "/{id}", func: answer}
              - {name: two, kind: own.endpoint, meta: {router: rest}, path: "/{name}", text: two}
            """)
        #expect(
            found == [
                """
                src/_index.yaml:5:67: error: app:own: 'prefix' means the same as '/api/{a}' of app:api \
                (src/_index.yaml:4:68); give one of them another prefix
                """,
                """
                src/_index.yaml:9:65: error: app:two: 'path' answers the same requests as GET /{id} of app:one \
                (src/_index.yaml:8:79); remove one of them
                """,
            ])
    }

    @Test("A server from outside is checked as ours, its routes and its address, beside what its kind checks itself")
    func servers() throws {
        let found = try Self.errors(
            """
              - {name: a, kind: http.service, addr: ":8080"}
              - {name: b, kind: own.server, addr: "127.0.0.1:8080"}
              - {name: router, kind: own.router, meta: {server: b}, prefix: /}
              - {name: c, kind: own.server, addr: "127.0.0.1:8081"}
              - {name: one, kind: own.endpoint, meta: {router: router}, path: /x, text: one}
              - {name: two, kind: own.endpoint, meta: {router: router}, path: /x, text: two}
            """)
        #expect(
            found == [
                """
                src/_index.yaml:4:39: error: app:b: 'addr' is '127.0.0.1:8080', which app:a (src/_index.yaml:3:41) \
                already uses as ':8080'; give one of them another port
                """,
                """
                src/_index.yaml:6:39: error: app:c: 'addr' is of no use: the server has no router
                """,
                """
                src/_index.yaml:8:67: error: app:two: 'path' answers the same requests as GET /x of app:one \
                (src/_index.yaml:7:67); remove one of them
                """,
            ])
    }

    @Test("A route that a health check of a server from outside hides is an error")
    func healthPaths() throws {
        let found = try Self.errors(
            """
              - {name: server, kind: own.server, addr: ":0", health: {live: /own/livez}}
              - {name: router, kind: own.router, meta: {server: server}, prefix: /own}
              - {name: hidden, kind: own.endpoint, meta: {router: router}, path: /livez, text: hidden}
            """)
        #expect(
            found == [
                """
                src/_index.yaml:5:70: error: app:hidden: 'path' is '/own/livez' in full, which 'health.live' of \
                app:server (src/_index.yaml:3:65) already uses; change one of them
                """
            ])
    }

    @Test("They run together with ours")
    func run() async throws {
        let application = try RunningApplication(
            """
            namespace: app
            entries:
              - {name: server, kind: own.server, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: own, kind: own.router, meta: {server: server}, prefix: /own}
              - {name: api, kind: http.router, meta: {server: server}, prefix: /api}
              - {name: answer, kind: function.swift, handler: OwnAnswer}
              - {name: one, kind: own.endpoint, meta: {router: own}, path: "/{name}", text: one}
              - {name: two, kind: own.endpoint, meta: {router: api}, path: /two, text: two}
              - {name: three, kind: http.endpoint, meta: {router: own}, method: POST, path: /three, func: answer}

            """, [OwnAnswer.self], kinds: Self.kinds)
        let own = try await application.get("/own/x")
        #expect(own.status == 200 && own.body == "one x" && own.field("X-Own") == "passed")
        let api = try await application.get("/api/two")
        #expect(api.body == "two " && api.field("X-Own") == nil)
        #expect(try await application.send("POST", "/own/three").body == "answered")
        #expect(try await application.get("/api/none").status == 404)
        try await application.stop()
    }

    private struct Counted: Middleware {
        static let name: ExactText = "counted"
        static let metrics = [
            Metric<Counter>("counted.answers", of: "a router", unit: "answers", "Counted answers.").description
        ]
        init(_ options: NoConfig) {}
    }

    /// A router whose entries name middleware, in place of ours.
    private struct NamingRouterKind: EntryKind {
        static let name: KindName = "http.router"
        static let summary = "A router."

        struct Config: HTTPRouterConfig, Equatable {
            let prefix: RoutePrefix
            let middleware: MiddlewareList
        }

        func config(from fields: inout FieldReader, in program: Program) -> Config {
            _ = fields.attachment("meta.server", .httpServer, "The server that the router belongs to.")
            return Config(
                prefix: fields.required("prefix", "What the path of every endpoint begins with."),
                middleware: MiddlewareList(
                    at: "around", optionsAt: "options",
                    among: program.additions(as: (any Middleware.Type).self), from: &fields, "The middleware."))
        }

        func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPRouter> {
            .component(try HTTPRouter(entry, lists: [entry.config.middleware], with: context))
        }
    }

    @Test("A router from outside has the metrics of the middleware that its entries can name, in the place of ours too")
    func metrics() throws {
        let standard = [any ProgramPart].standard(middleware: [Counted.self]).filter { part in
            guard let kind = part as? any EntryKind else { return true }
            return type(of: kind).name != "http.router"
        }
        let catalog = KindCatalog(standard + [NamingRouterKind(), OwnRouterKind()])
        #expect(catalog.mistakes.isEmpty)
        let metrics = Dictionary(uniqueKeysWithValues: catalog.manual.map { ($0.name, $0.metrics) })
        #expect(metrics["http.router"]?.map(\.name) == ["counted.answers"])
        #expect(metrics["own.router"] == [])
        #expect(catalog.metrics.contains { $0.name == "counted.answers" })
    }
}
