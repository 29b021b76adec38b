import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// An application whose start is held up when its project is read again.
@Suite("A reload while the application starts", .timeLimit(.minutes(15)))
struct ReloadWhileStartingTests {
    /// A server that cannot start before a migration that fails, and is tried again in a day.
    private static func index(works: Bool, address: String = "127.0.0.1:0", path: String = "/first") -> String {
        """
        version: "1.0"
        namespace: app
        entries:
          - {name: migrate, kind: process.swift, handler: Migration, config: {works: \(works)}}
          - name: migration
            kind: process.service
            process: migrate
            host: host
            lifecycle: {auto_start: true, restart: {initial_delay: 24h, max_delay: 24h, jitter: 0}}
          - {name: host, kind: process.host, lifecycle: {auto_start: true}}
          - {name: server, kind: http.service, addr: "\(address)", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: server}}
          - {name: answer, kind: function.swift, handler: Answer}
          - {name: get, kind: http.endpoint, meta: {router: router}, method: GET, path: \(path), func: answer}

        """
    }

    private static func start() async throws -> RunningApplication {
        let application = try RunningApplication(index(works: false), [Migration.self, Answer.self])
        try await eventually("the migration fails") {
            application.messages.contains("failed and will start again")
        }
        return application
    }

    @Test("An edit that repairs what the start waits for has the application start")
    func repair() async throws {
        let application = try await Self.start()
        try await application.reload(Self.index(works: true))
        #expect(try await application.get("/first").status == 200)
        #expect(application.messages.contains("started"))
        try await application.stop()
    }

    @Test("An edit of other things is in force at once, and starts with what it waits for")
    func otherThings() async throws {
        let application = try await Self.start()
        try await application.reload(Self.index(works: false, address: "127.0.0.2:0", path: "/second"))
        #expect(!application.messages.contains("listening") && !application.messages.contains("started"))
        try await application.reload(Self.index(works: true, address: "127.0.0.1:0", path: "/second"))
        #expect(try await application.get("/second").status == 200)
        try await application.stop()
    }

    @Test("A change of code that is refused meanwhile does not keep an edit of the files from being applied")
    func editBesideRefusedChange() async throws {
        let application = try RunningApplication(Self.index(works: true), [Migration.self, Answer.self])
        #expect(try await application.get("/first").status == 200)
        let editor = try #require(application.application.registry.editor)
        for number in 0..<30 {
            async let refused: Void = {
                let id = EntryID(namespace: "app", name: "wrong")
                let change = EntryOperation.create(id, kind: "no.such.kind", meta: .null, data: .null)
                await #expect(throws: WippyError.self) { try await editor.apply([change]) }
            }()
            try await application.reload(Self.index(works: true, path: "/path\(number)"))
            await refused
        }
        #expect(try await application.get("/path29").status == 200)
        try await application.stop()
    }

    @Test("A change of code that nests deeper than a file may is refused, and earlier changes stay")
    func changeThatNestsTooDeep() async throws {
        let application = try RunningApplication(Self.index(works: true), [Migration.self, Answer.self])
        #expect(try await application.get("/first").status == 200)
        let registry = application.application.registry
        let editor = try #require(registry.editor)
        let nested = { (levels: Int) in (1..<levels).reduce(Value.list([])) { list, _ in .list([list]) } }
        let entry = { (name: String, levels: Int) in
            EntryOperation.create(
                EntryID(namespace: "app", name: name), kind: "registry.entry", meta: .null,
                data: ["value": nested(levels)])
        }
        _ = try await editor.apply([entry("flat", 60)])
        for levels in [61, 124, 125, 126, 127, 128, 200] {
            let error = await #expect(throws: WippyError.self) { _ = try await editor.apply([entry("deep", levels)]) }
            #expect(error?.message == "the lists and maps of the entry 'app:deep' nest deeper than 61 levels")
            #expect(error?.kind == .invalid)
        }
        let plan = registry.current.plan
        #expect(plan[EntryID(namespace: "app", name: "flat")] != nil)
        #expect(plan[EntryID(namespace: "app", name: "deep")] == nil)
        try await application.stop()
    }

    @Test("An edit that does not repair it is taken back, and the start goes on")
    func noRepair() async throws {
        let application = try await Self.start()
        let other = Self.index(works: false).replacing("works: false", with: "works: false, again: true")
        let reload = try await application.change(other)
        guard case .changed(let change) = reload, case .takenBack(let reason) = change.outcome else {
            throw RunningApplication.NotApplied(reload: reload)
        }
        #expect(reason.contains("app:migration"))
        try await application.reload(Self.index(works: true))
        #expect(try await application.get("/first").status == 200)
        try await application.stop()
    }
}

private struct Migration: ProcessHandler {
    struct Config: EntryConfig {
        let works: Bool
        let again: Bool

        init(from fields: inout FieldReader) {
            works = fields.required("works", "Whether it succeeds.")
            again = fields.optional("again", default: false, "Something else to say.")
        }
    }

    private struct Fails: Error {}

    private let works: Bool

    init(_ context: HandlerContext) throws {
        works = try context.config(Config.self).works
    }

    func run(_ process: ProcessContext) async throws -> Int {
        if !works { throw Fails() }
        return 0
    }
}

private struct Answer: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse { .text("answer") }
}
