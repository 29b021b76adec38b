import Glibc
import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// `run()` of one application, called again.
@Suite("An application that is run again", .serialized, .timeLimit(.minutes(15)))
struct RepeatedRunTests {
    private static let index = """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: server}}
          - {name: answer, kind: function.swift, handler: Numbered}
          - {name: get, kind: http.endpoint, meta: {router: router}, method: GET, path: /, func: answer}

        """

    private let log = LogRecorder()

    private func application(in folder: TemporaryFolder) throws -> Application {
        try folder.write(Self.index, to: "src/_index.yaml")
        return Application(project: folder.path, handlers: [Numbered.self], kinds: .standard, log: Log(to: log))
    }

    private func get(of application: Application) async throws -> String {
        let id = EntryID(namespace: "app", name: "server")
        let server = try #require(application.registry.link(to: id, as: .httpServer)?.target)
        let port = try #require(server.listeningAddress?.port)
        return try await HTTPClient.send("GET", "/", to: port).body
    }

    @Test("A second run at the same time is refused with a sentence, and the first one goes on")
    func overlap() async throws {
        let folder = try TemporaryFolder()
        let application = try application(in: folder)
        try await application.run {
            let runs: [@Sendable () async throws -> Void] = [
                { try await application.run() }, { try await application.run {} },
            ]
            for run in runs {
                let error = await #expect(throws: WippyError.self) { try await run() }
                #expect(error?.kind == .conflict)
                #expect(
                    error?.message
                        == "the application already runs; wait for the end of that run, or make another application")
            }
            let answer = try await get(of: application)
            #expect(answer == "answer")
        }
        #expect(log.messages.last == "stopped")
    }

    @Test("Of many runs that begin at once, one runs")
    func manyAtOnce() async throws {
        let folder = try TemporaryFolder()
        let application = try application(in: folder)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        try await application.run()
                        return false
                    } catch let error as WippyError {
                        return error.kind == .conflict
                    }
                }
            }
            for _ in 0..<19 { #expect(try await group.next() == true, "it is refused") }
            try await eventually("one has started") { log.messages.contains("started") }
            group.cancelAll()
            #expect(try await group.next() == false)
        }
        #expect(log.messages.filter { $0 == "started" }.count == 1)
    }

    @Test("After the end of a run the next one reads the project and builds every entry anew")
    func afterTheEnd() async throws {
        let folder = try TemporaryFolder()
        let application = try application(in: folder)
        let before = Numbered.count
        for run in 1...3 {
            try await application.run {
                let answer = try await get(of: application)
                #expect(answer == "answer")
                #expect(application.registry.kept.count == 1)
            }
            #expect(Numbered.count == before + run)
        }
        try folder.write(Self.index.replacing("path: /", with: "path: /other"), to: "src/_index.yaml")
        let other = try await application.run { try await get(of: application) }
        #expect(other != "answer")
    }

    @Test("A run that could not begin does not stand in the way of the next one")
    func afterAFailure() async throws {
        let folder = try TemporaryFolder()
        let application = try application(in: folder)
        try folder.write("namespace: app\nentries: [{name: a}]\n", to: "src/_index.yaml")
        await #expect(throws: InvalidProject.self) { try await application.run {} }
        try folder.write(Self.index, to: "src/_index.yaml")
        let answer = try await application.run { try await get(of: application) }
        #expect(answer == "answer")
    }

    /// A kind whose entries are read slowly, if their number is 2.
    private struct SlowKind: EntryKind {
        struct Config: EntryConfig {
            let number: Int

            init(from fields: inout FieldReader) { number = fields.required("number", "A number.") }
        }

        static let name: KindName = "own.slow"
        static let summary = "Is read slowly."
        let gate: Gate

        func config(from fields: inout FieldReader, in program: Program) -> Config {
            let config = Config(from: &fields)
            if config.number == 2 { gate.wait() }
            return config
        }

        func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    /// Blocks a thread until the gate is open.
    private final class Gate: Sendable {
        private let reached = Atomic(false)
        private let opened = Atomic(false)

        var isReached: Bool { reached.load(ordering: .acquiring) }

        func open() { opened.store(true, ordering: .releasing) }

        func wait() {
            reached.store(true, ordering: .releasing)
            while !opened.load(ordering: .acquiring) { usleep(1000) }
        }
    }

    @Test("A reload that outlasts its run neither holds up nor reaches the next run")
    func lateReload() async throws {
        let folder = try TemporaryFolder()
        let gate = Gate()
        defer { gate.open() }
        func write(_ number: Int) throws {
            let entries = "namespace: app\nentries: [{name: slow, kind: own.slow, number: \(number)}]\n"
            try folder.write(entries, to: "src/_index.yaml")
        }
        try write(1)
        let application = Application(
            project: folder.path, handlers: [], kinds: .standard + [SlowKind(gate: gate)], log: Log(to: log))
        let late = try await application.run {
            try write(2)
            let late = Task { await application.reload() }
            try await eventually("the reload reads the project") { gate.isReached }
            return late
        }
        try write(3)
        try await application.run {
            let hasReloaded = OneShotEvent()
            Task {
                _ = await application.reload()
                hasReloaded.fire()
            }
            try await eventually("a reload of this run ends") { hasReloaded.isFired }
            let version = application.registry.current.number
            gate.open()
            guard case .changed(let change) = await late.value else { throw NotChanged() }
            #expect(change.outcome == .interrupted)
            #expect(application.registry.current.number == version)
            let numbers = application.registry.current.plan.entries.compactMap {
                ($0.config as? SlowKind.Config)?.number
            }
            #expect(numbers == [3])
        }
    }

    private struct NotChanged: Error {}

    @Test("The warnings of a project that cannot be built are in the error, and not in the log, too")
    func warningsOfFailure() async throws {
        struct Wanting: FunctionHandler {
            init(_ context: HandlerContext) throws { _ = try context.queue("app:absent") }
            func call(_ input: Int) -> Int { input }
        }
        let folder = try TemporaryFolder()
        let index = """
            namespace: app
            entries:
              - {name: wanting, kind: function.swift, handler: Wanting}
              - {name: other, kind: function.lua, method: missing, source: "return {}"}

            """
        try folder.write(index, to: "src/_index.yaml")
        let application = Application(
            project: folder.path, handlers: [Wanting.self], kinds: .standard, log: Log(to: log))
        let error = await #expect(throws: InvalidProject.self) { try await application.run() }
        #expect(error?.report.warningCount ?? 0 > 0)
        #expect(log.messages == [])
    }

    @Test("A reload before the start, while entries are built and after the end says that nothing runs")
    func reloadOutside() async throws {
        let folder = try TemporaryFolder()
        var application = try application(in: folder)
        let (accepted, acceptance) = AsyncStream<Void>.makeStream()
        application.instruments.accepts = { _ in acceptance.yield() }
        let isNotRunning = { (reload: Reload) in if case .notRunning = reload { true } else { false } }
        #expect(isNotRunning(await application.reload()))
        let reloading = Task { [application] in
            for await _ in accepted { return await application.reload() }
            return .notRunning
        }
        try await application.run {}
        _ = await reloading.value
        #expect(isNotRunning(await application.reload()))
        #expect(log.messages.contains("stopped"))
    }
}

/// Counts how often it is made.
private struct Numbered: HTTPHandler {
    private static let made = Atomic(0)

    static var count: Int { made.load(ordering: .sequentiallyConsistent) }

    init(_ context: HandlerContext) { Self.made.add(1, ordering: .sequentiallyConsistent) }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse { .text("answer") }
}
