import EventLoops
import Synchronization
import Testing
import Wippy
import WippyTesting

@testable import WippyHTTP
@testable import WippyRuntime

/// That what stands behind handlers keeps its contracts, and that each suite says so when one is broken.
@Suite("Responders, message functions, processes and hosts keep their contracts", .timeLimit(.minutes(15)))
struct HandlerConformanceTests {
    private static let index = """
        namespace: app
        entries:
          - {name: work, kind: function.swift, handler: Work}
          - {name: page, kind: function.swift, handler: Page}
          - {name: tick, kind: process.swift, handler: Tick}
          - {name: host, kind: process.host}
          - {name: server, kind: http.service, addr: "127.0.0.1:0"}
          - {name: router, kind: http.router, meta: {server: server}}
          - {name: endpoint, kind: http.endpoint, meta: {router: router}, method: GET, path: /none, func: page}

        """

    private func onLoops<Result>(_ body: (ComponentBuilder) async throws -> Result) async throws -> Result {
        let folder = try TemporaryFolder()
        try folder.write(Self.index, to: "src/_index.yaml")
        let handlers = HandlerTable([Work.self, Page.self, Tick.self])
        let project = CheckedProject(
            at: folder.path, in: Program(handlers: handlers, kinds: KindCatalog(.standard)))
        try project.report.throwIfInvalid()
        let loops = try EventLoopGroup(count: 2)
        let environment = RuntimeEnvironment(
            executors: LoopExecutors(loops: loops), clock: SystemClock(), log: .silent, metrics: Metrics())
        do {
            let result = try await body(ComponentBuilder(plan: project.plan, environment: environment))
            await loops.shutDown()
            return result
        } catch {
            await loops.shutDown()
            throw error
        }
    }

    private func id(_ name: String) -> EntryID { EntryID(namespace: "app", name: name) }

    @Test("A handler of messages")
    func messages() async throws {
        try await onLoops { builder in
            let work = try builder.link(to: id("work"), as: .messageFunction, for: id("work")).target
            try await MessageFunctionConformance(body: ["n": 1], misfit: ["n": "x"], endless: ["n": -1]) { work }
                .check()
        }
    }

    @Test("A handler of requests, and a server's routes")
    func responders() async throws {
        try await onLoops { builder in
            let page = try builder.link(to: id("page"), as: .httpFunction, for: id("page")).target
            try await HTTPResponderConformance(endless: .get("/endless")) { page }.check()
            let server = try builder.link(to: id("server"), as: .httpServer, for: id("server")).target
            try await HTTPResponderConformance(requests: [.get("/none")]) { server.responder }.check()
        }
    }

    @Test("Each suite says which rules it did not test, because it has no value for them")
    func untested() async throws {
        let messages = try await MessageFunctionConformance(body: 1) { FlawedMessageFunction(flaw: .takesEverything) }
            .check()
        #expect(messages == ["It rejects a message that it cannot read", "Cancelling the task ends the work"])
        let requests = try await HTTPResponderConformance { FlawedResponder(flaw: .ignoresCancellation) }.check()
        #expect(requests == ["Cancelling the task ends the work"])
        let tested = try await onLoops { builder in
            let page = try builder.link(to: id("page"), as: .httpFunction, for: id("page")).target
            return try await HTTPResponderConformance(endless: .get("/endless")) { page }.check()
        }
        #expect(tested == [])
    }

    @Test("A process in Swift, and the host that runs it")
    func processes() async throws {
        try await onLoops { builder in
            let tick = try builder.link(to: id("tick"), as: .process, for: id("tick")).target
            try await HostedProcessConformance { tick }.check()
            let built = try #require(try builder.buildAll().slots[id("host")]?.built)
            let host = try builder.link(to: id("host"), as: .processHost, for: id("host")).target
            let service = try #require(built.service)
            try await ProcessHostConformance { _ in (host, service) }.check()
        }
    }

    @Test(
        "A function of messages that breaks the contract is found out",
        arguments: zip(
            FlawedMessageFunction.Flaw.allCases, ["comes again", "many messages", "cannot read", "Cancelling"]))
    func flawedMessageFunction(_ flaw: FlawedMessageFunction.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await MessageFunctionConformance(body: 1, misfit: "x", endless: -1, limit: .seconds(4)) {
                    FlawedMessageFunction(flaw: flaw)
                }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test(
        "A responder that breaks the contract is found out",
        arguments: zip(
            FlawedResponder.Flaw.allCases,
            ["Each request", "Each request", "Each request", "Every error", "Every error", "Cancelling"]))
    func flawedResponder(_ flaw: FlawedResponder.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await HTTPResponderConformance(endless: .get("/endless"), limit: .seconds(4)) {
                    FlawedResponder(flaw: flaw)
                }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test(
        "A process that breaks the contract is found out",
        arguments: zip(
            FlawedProcess.Flaw.allCases, ["Told to end, it", "before it has begun", "its task is cancelled", "Several"])
    )
    func flawedProcess(_ flaw: FlawedProcess.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await HostedProcessConformance(limit: .seconds(4)) { FlawedProcess(flaw: flaw) }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test(
        "A host that breaks the contract is found out",
        arguments: zip(
            FlawedHost.Flaw.allCases,
            [
                "Unavailable", "told its id", "says when it is ready", "the outcome of its process", "is cancelled",
                "is terminated",
                "run at once", "When it stops",
            ]))
    func flawedHost(_ flaw: FlawedHost.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await ProcessHostConformance(limit: .seconds(4)) { environment in
                    let host = FlawedHost(flaw: flaw, environment: environment)
                    return (host, host)
                }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }
}

private struct Work: MessageHandler {
    struct Body: Decodable { let n: Int }

    init(_ context: HandlerContext) {}

    func handle(_ body: Body, _ delivery: Delivery) async throws {
        if body.n < 0 { try await Task.sleep(for: .seconds(3600)) }
    }
}

private struct Page: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.head.requestTarget == "/endless" { try await Task.sleep(for: .seconds(3600)) }
        if request.method == .delete { throw WippyError(.notFound, "secret", isRetryable: false) }
        return .text("page")
    }
}

private struct Tick: ProcessHandler {
    init(_ context: HandlerContext) {}

    func run(_ process: ProcessContext) async throws -> Int {
        while true { try await process.sleep(for: .seconds(3600)) }
    }
}

/// Goes on for a long time that no cancellation ends.
private func ignoringCancellation() async {
    await Task { try? await Task.sleep(for: .seconds(20)) }.value
}

/// A function of messages with a flaw.
struct FlawedMessageFunction: MessageFunction {
    enum Flaw: CaseIterable {
        case refusesRepetition, handlesOne, takesEverything, ignoresCancellation
    }

    private final class Work: Sendable {
        let hasBegun = Atomic(false)
    }

    let flaw: Flaw
    private let work = Work()

    init(flaw: Flaw) { self.flaw = flaw }

    func handle(_ delivery: Delivery) async throws {
        if flaw == .refusesRepetition, delivery.attempt > 1 { throw ServiceFailure("it was done") }
        guard let number = delivery.message.body.integer else {
            if flaw == .takesEverything { return }
            throw ServiceFailure("no number")
        }
        if number < 0 {
            if flaw == .ignoresCancellation { await ignoringCancellation() }
            return try await Task.sleep(for: .seconds(3600))
        }
        guard flaw == .handlesOne, delivery.attempt == 1 else { return }
        if work.hasBegun.exchange(true, ordering: .relaxed) { throw ServiceFailure("it has its message") }
    }
}

/// A responder with a flaw.
struct FlawedResponder: HTTPResponder {
    enum Flaw: CaseIterable {
        case interimAnswer, brokenBody, endlessBody, okForErrors, tellsErrors, ignoresCancellation
    }

    let flaw: Flaw

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        if request.head.requestTarget == "/endless" {
            if flaw == .ignoresCancellation { await ignoringCancellation() }
            try await Task.sleep(for: .seconds(3600))
        }
        var answer = HTTPResponse.text("")
        switch flaw {
        case .interimAnswer: answer.status = .continue
        case .brokenBody: answer.body = .stream(length: nil) { _ in throw ServiceFailure("the file is gone") }
        case .endlessBody: answer.body = .stream(length: nil) { _ in try await Task.sleep(for: .seconds(3600)) }
        case .okForErrors, .tellsErrors, .ignoresCancellation: break
        }
        return answer
    }

    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        if flaw == .okForErrors { return .text("") }
        var answer = HTTPResponse.text(flaw == .tellsErrors ? "\(error)" : "internal error")
        answer.status = .internalServerError
        return answer
    }
}

/// A process with a flaw.
final class FlawedProcess: HostedProcess {
    enum Flaw: CaseIterable {
        case ignoresStop, missesEarlyStop, ignoresCancellation, endsAllRuns
    }

    private let flaw: Flaw
    private let end = OneShotEvent()

    init(flaw: Flaw) { self.flaw = flaw }

    func run(_ context: ProcessContext) async throws -> Value {
        let wasStopping = context.isStopping
        context.ready()
        switch flaw {
        case .ignoresStop: try await Task.sleep(for: .seconds(20))
        case .missesEarlyStop where wasStopping: try await Task.sleep(for: .seconds(20))
        case .ignoresCancellation:
            await Task { _ = await context.nextEvent() }.value
        case .endsAllRuns:
            let observed = Task {
                _ = await context.nextEvent()
                end.fire()
            }
            await end.wait()
            observed.cancel()
        case .missesEarlyStop: _ = await context.nextEvent()
        }
        return 0
    }
}

/// A host with a flaw.
final class FlawedHost: ProcessHost, ManagedService {
    enum Flaw: CaseIterable {
        case runsAlways, losesInput, neverReady, completesAlways, ignoresCancel, ignoresTerminate, runsOne, leavesEarly
    }

    private struct State {
        var isRunning = false
        var runs: [ProcessRun] = []
    }

    private let flaw: Flaw
    private let environment: RuntimeEnvironment
    private let state = Mutex(State())

    init(flaw: Flaw, environment: RuntimeEnvironment) {
        self.flaw = flaw
        self.environment = environment
    }

    func spawn(
        _ process: any HostedProcess, as id: EntryID, input: [Value], ready: @escaping @Sendable () -> Void
    ) async throws -> ProcessRun {
        let (isRunning, last) = state.withLock { state in (state.isRunning, state.runs.last) }
        guard isRunning || flaw == .runsAlways else {
            throw WippyError(.unavailable, "it does not run", isRetryable: true)
        }
        let stop = StopSignal()
        let context = ProcessContext(
            id: id, input: flaw == .losesInput ? [] : input, log: .silent, clock: environment.clock, stop: stop,
            ready: { [flaw] in if flaw != .neverReady { ready() } })
        let task = Task { [self] in await outcome(of: process, in: context, after: flaw == .runsOne ? last : nil) }
        let run = ProcessRun(task: task, stop: flaw == .ignoresCancel ? StopSignal() : stop)
        state.withLock { $0.runs.append(run) }
        return run
    }

    private func outcome(
        of process: any HostedProcess, in context: ProcessContext, after last: ProcessRun?
    ) async -> ProcessOutcome {
        _ = await last?.outcome
        let running = Task { try await process.run(context) }
        let result = await withTaskCancellationHandler {
            await running.result
        } onCancel: {
            if flaw != .ignoresTerminate { running.cancel() }
        }
        switch result {
        case .success(let value): return ProcessOutcome(returned: value)
        case .failure(is CancellationError): return flaw == .completesAlways ? .completed : .cancelled
        case .failure(let error): return .failed("\(error)")
        }
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        state.withLock { $0.isRunning = true }
        ready()
        await stop.wait()
        let runs = state.withLock { state in
            state.isRunning = false
            return state.runs
        }
        guard flaw != .leavesEarly else { return }
        for run in runs {
            run.cancel()
            _ = await run.outcome
        }
    }
}
