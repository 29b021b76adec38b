import Testing
import Wippy
import WippyManual
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// What a middleware gets beside its options: the context of its router, and the entries that its options name.
@Suite("The context of a middleware", .timeLimit(.minutes(15)))
struct MiddlewareContextTests {
    private static let kinds: [any ProgramPart] =
        .standard(middleware: [Guarded.self, Refusing.self, Both.self])

    /// A project whose router has these fields.
    private static func index(_ router: String) -> String {
        """
        namespace: app
        entries:
          - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: gateway}, \(router)}
          - {name: get, kind: http.endpoint, meta: {router: router}, method: GET, path: /, func: answer}
          - {name: answer, kind: function.swift, handler: Answer}
          - {name: tokens, kind: store.memory}

        """
    }

    /// Expects the diagnostics of a check of the project.
    private static func expect(_ router: String, _ expected: [String]) throws {
        let folder = try TemporaryFolder()
        try folder.write(index(router), to: "src/_index.yaml")
        let application = Application(project: folder.path, handlers: [Answer.self], kinds: kinds)
        let problems = application.check().report.diagnostics.map(\.description)
        #expect(problems == expected)
    }

    @Test("It has the log, the metrics and the clock, and a link to the store that an option names")
    func works() async throws {
        try await TestApplication(
            project: .definitions(Self.index("middleware: [guarded], options: {guarded.store: tokens}")),
            handlers: [Answer.self], kinds: Self.kinds, usesSockets: false
        ) { app in
            #expect(try await app.get("/").status == 401)
            let record = try #require(app.log.records.last { $0.message == "a token is unknown" })
            #expect(record.entry == "app:router")
            let router = EntryID(namespace: "app", name: "router")
            #expect(app.metrics.counter(Guarded.refused, of: router).value == 1)
            let tokens = try #require(app.registry.link(to: EntryID(namespace: "app", name: "tokens"), as: .store))
            try await tokens.target.set(true, of: "secret", for: nil)
            let answer = try await app.get("/", fields: ["X-Token": "secret"])
            #expect(answer.status == 200)
            let age = try #require(answer.fields["X-Age"].flatMap(Double.init))
            #expect(age < 3600)
            app.clock.advance(by: .seconds(3600))
            let later = try #require(try await app.get("/").fields["X-Age"].flatMap(Double.init))
            #expect(later >= 3600)
        }
    }

    @Test("An entry that an option names is a reference of the router: it is checked, and in the graph")
    func references() throws {
        try Self.expect(
            "middleware: [guarded], options: {guarded.store: token}",
            [
                """
                src/_index.yaml:4:112: error: app:router: 'options.guarded.store' names 'app:token', which is not \
                declared; did you mean 'app:tokens'?
                """
            ])
        try Self.expect(
            "middleware: [guarded], options: {guarded: {store: answer}}",
            [
                """
                src/_index.yaml:4:114: error: app:router: 'options.guarded.store' names 'app:answer' of the kind \
                function.swift (src/_index.yaml:6:26), which is not a store
                """
            ])
        try Self.expect(
            "middleware: [guarded]",
            [
                """
                src/_index.yaml:4:12: error: app:router: missing field 'options.guarded.store': the store with the \
                tokens
                """
            ])
        // Without the middleware its option names nothing.
        try Self.expect(
            "options: {guarded.store: token}",
            [
                """
                src/_index.yaml:4:74: warning: app:router: 'options.guarded.store' has no effect: 'middleware' does \
                not name 'guarded'
                """
            ])
        let folder = try TemporaryFolder()
        try folder.write(
            Self.index("middleware: [guarded], options: {guarded.store: tokens}"), to: "src/_index.yaml")
        let plan = Application(project: folder.path, handlers: [Answer.self], kinds: Self.kinds).check().plan
        let router = try #require(plan[EntryID(namespace: "app", name: "router")])
        let use = try #require(router.references.first { $0.field == "options.guarded.store" })
        #expect(use.entry == EntryID(namespace: "app", name: "tokens") && use.meaning == .accesses)
    }

    @Test("An error of its init is an error of the project, at the place of its name")
    func errors() throws {
        try Self.expect(
            "middleware: [cors, refusing]",
            [
                "src/_index.yaml:4:83: error: app:router: the middleware 'refusing' cannot be made: it is closed"
            ])
        try Self.expect(
            "post_middleware: [refusing], post_options: {refusing.words: no}",
            [
                "src/_index.yaml:4:82: error: app:router: no"
            ])
    }

    @Test("Of a type with both inits, the router calls the one that takes the context")
    func bothInits() async throws {
        try await TestApplication(
            project: .definitions(Self.index("middleware: [both]")), handlers: [Answer.self], kinds: Self.kinds,
            usesSockets: false
        ) { app in
            let answer = try await app.get("/")
            #expect(answer.fields["X-Router"] == "app:router")
        }
        #expect(throws: (any Error).self) { try Refusing(.standard) }
    }

    @Test("A reload in which its init throws changes nothing")
    func refusedReload() async throws {
        let application = try RunningApplication(Self.index(""), [Answer.self], kinds: Self.kinds)
        #expect(try await application.send("GET", "/").status == 200)
        guard case .invalid = try await application.change(Self.index("middleware: [refusing]")) else {
            Issue.record("the reload was not invalid")
            return
        }
        #expect(try await application.send("GET", "/").status == 200)
        try await application.stop()
    }

    @Test("The schema of the program takes a router without the options of a middleware that it does not name")
    func schema() throws {
        let program = Program(kinds: KindCatalog(Self.kinds))
        let definitions = DefinitionSchema(of: program).value["$defs"]
        let router = try #require(definitions?["http.router"]?["allOf"]?.list?.first)
        #expect(router["properties"]?["options"]?["properties"]?["guarded.store"] != nil)
        #expect(router["required"] == nil && router["properties"]?["options"]?["allOf"] == nil)
    }

    @Test("A test makes it alone, with stand-ins for the entries that its options name")
    func alone() async throws {
        let options: Guarded.Options = try .standIn(options: ["guarded.store": "app:tokens"])
        let store = OneToken()
        let guarded = try Guarded(options, with: .standIn(stores: ["app:tokens": store]))
        var request = try HTTPRequest.get("/")
        var age: Double?
        await #expect(throws: HTTPError.self) { try await guarded.admit(&request, keeping: &age) }
        #expect(throws: BuildError.self) { try Guarded(options, with: .standIn()) }
        #expect(throws: InvalidProject.self) { try Guarded.Options.standIn(options: ["guarded.stor": "app:tokens"]) }
        try await MiddlewareConformance(
            Guarded.self, options: options, context: .standIn(stores: ["app:tokens": store])
        ).check()
        let broken = await #expect(throws: BrokenRule.self) { try await MiddlewareConformance(Refusing.self).check() }
        #expect(broken?.problem == "it is closed")
    }
}

private struct Answer: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("answered") }
}

/// A store that has one token.
private struct OneToken: KeyValueStore {
    func value(of key: String) -> Value? { key == "secret" ? true : nil }
    func set(_ value: Value, of key: String, for lifetime: Duration?) {}
    func remove(_ key: String) -> Bool { false }
}

/// Refuses requests without a token that a store has, and tells the time since it was made.
private struct Guarded: Middleware {
    static let name: ExactText = "guarded"
    static let metrics = [refused.description]
    static let refused = Metric<Counter>("guarded.refused", of: "a router", unit: "requests", "Refused requests.")

    struct Options: EntryConfig {
        let store: Reference<any KeyValueStore>

        init(from fields: inout FieldReader) {
            store = fields.reference("guarded.store", .store, "The store with the tokens.")
        }
    }

    private let tokens: Link<any KeyValueStore>
    private let refused: Counter
    private let log: Log
    private let clock: any RuntimeClock
    private let start: Duration

    init(_ options: Options, with context: MiddlewareContext) throws {
        tokens = try context.resolve(options.store)
        refused = context.metrics.counter(Self.refused, of: context.id)
        (log, clock, start) = (context.log, context.clock, context.clock.now)
    }

    func admit(_ request: inout HTTPRequest, keeping age: inout Double?) async throws -> HTTPResponse? {
        age = (clock.now - start) / .seconds(1)
        if let token = request.head.fields["X-Token"], try await tokens.target.value(of: token) != nil { return nil }
        refused.add()
        log.info("a token is unknown")
        throw HTTPError(.unauthorized, "no token")
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with age: Double?) {
        if let age { try? response.fields.set("X-Age", "\(age)") }
    }
}

/// Can be made with its context and without it.
private struct Both: Middleware {
    static let name: ExactText = "both"

    private let router: String

    init(_ options: NoConfig) {
        router = "none"
    }

    init(_ options: NoConfig, with context: MiddlewareContext) {
        router = "\(context.id)"
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        try? response.fields.set("X-Router", router)
    }
}

/// Cannot be made.
private struct Refusing: Middleware {
    static let name: ExactText = "refusing"

    struct Options: EntryConfig {
        let words: String?

        init(from fields: inout FieldReader) {
            words = fields.optional("refusing.words", "The message of the error.")
        }
    }

    private struct Closed: Error, CustomStringConvertible {
        let description = "it is closed"
    }

    init(_ options: Options, with context: MiddlewareContext) throws {
        throw options.words.map { BuildError(context.id, $0) } ?? Closed()
    }
}
