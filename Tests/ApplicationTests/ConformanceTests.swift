import EventLoops
import Foundation
import Synchronization
import Testing
import Wippy
import WippyTesting

@testable import WippyHTTP
@testable import WippyRuntime

/// That what every application has keeps the contracts, and that each suite says so when one is broken.
@Suite("Services, functions and middleware keep their contracts", .timeLimit(.minutes(15)))
struct ConformanceTests {
    private static let index = """
        namespace: app
        entries:
          - {name: memory, kind: queue.driver.memory}
          - {name: tasks, kind: queue.queue, driver: memory}
          - {name: db, kind: db.sql.sqlite, file: ":memory:"}
          - {name: square, kind: function.swift, handler: Square}
          - {name: pooled, kind: function.swift, handler: Square, executor: pool}
          - {name: work, kind: function.swift, handler: Work}
          - {name: consumer, kind: queue.consumer, queue: tasks, func: work, concurrency: 3}
          - {name: host, kind: process.host}
          - {name: server, kind: http.service, addr: "127.0.0.1:0"}
          - {name: router, kind: http.router, meta: {server: server}, middleware: [cors]}
          - {name: endpoint, kind: http.endpoint, meta: {router: router}, method: GET, path: /square, func: page}
          - {name: page, kind: function.swift, handler: Page}
          - {name: kept, kind: store.memory}

        """

    private func builder(
        on loops: EventLoopGroup, clock: any RuntimeClock = SystemClock()
    ) throws -> ComponentBuilder {
        let folder = try TemporaryFolder()
        try folder.write(Self.index, to: "src/_index.yaml")
        let program = Program(
            handlers: HandlerTable([Square.self, Work.self, Page.self]), kinds: KindCatalog(.standard))
        let project = CheckedProject(at: folder.path, in: program)
        try project.report.throwIfInvalid()
        let environment = RuntimeEnvironment(
            executors: LoopExecutors(loops: loops), clock: clock, log: .silent, metrics: Metrics())
        return ComponentBuilder(plan: project.plan, environment: environment)
    }

    private func onLoops(_ body: (EventLoopGroup) async throws -> Void) async throws {
        let loops = try EventLoopGroup(count: 2)
        do {
            try await body(loops)
        } catch {
            await loops.shutDown()
            throw error
        }
        await loops.shutDown()
    }

    @Test("Each service of a built-in kind", arguments: ["memory", "db", "consumer", "host", "server"])
    func service(_ name: String) async throws {
        try await onLoops { loops in
            try await ManagedServiceConformance {
                let built = try self.builder(on: loops).buildAll().slots
                return try #require(built[EntryID(namespace: "app", name: name)]?.built.service)
            }.check()
        }
    }

    @Test("A Swift function, wherever it runs", arguments: ["square", "pooled"])
    func function(_ name: String) async throws {
        try await onLoops { loops in
            try await FunctionConformance(argument: ["n": 3], answer: 9, misfit: ["n": "x"], endless: ["n": -1]) {
                let id = EntryID(namespace: "app", name: name)
                return try self.builder(on: loops).link(to: id, as: .function, for: id).target
            }.check()
        }
    }

    @Test("CORS")
    func middleware() async throws {
        try await MiddlewareConformance(CORSMiddleware.self).check()
    }

    private func store(on loops: EventLoopGroup, _ environment: RuntimeEnvironment) throws -> any KeyValueStore {
        let id = EntryID(namespace: "app", name: "kept")
        return try builder(on: loops, clock: environment.clock).link(to: id, as: .store, for: id).target
    }

    @Test("Storages of variables: a file, and texts of the entry itself")
    func variables() async throws {
        let kinds = KindCatalog(.standard)
        let file = try #require(kinds["env.storage.file"] as? any VariableStorageKind)
        try await VariableStorageConformance(file) { texts, folder in
            let lines = texts.map { name, text in
                let escaped = text.map { "\"\\$".contains($0) ? "\\\($0)" : "\($0)" }
                return "\(name)=\"\(escaped.joined())\"\n"
            }
            try lines.joined().write(toFile: "\(folder)/.env", atomically: true, encoding: .utf8)
            return ["file_path": .string("\(folder)/.env")]
        }.check()
        let entry = try #require(kinds["env.storage.static"] as? any VariableStorageKind)
        try await VariableStorageConformance(entry) { texts, _ in
            ["values": .map(ValueMap(texts.map { ($0.key, .string($0.value)) }, onRepeatedKey: .keepLast))]
        }.check()
    }

    @Test("A storage that breaks the contract is found out", arguments: FlawedStorage.Flaw.allCases)
    func flawedStorage(_ flaw: FlawedStorage.Flaw) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(flaw.rawValue) {
                try await VariableStorageConformance(FlawedStorage()) { texts, _ in
                    ["values": .map(ValueMap(flaw.kept(texts), onRepeatedKey: .keepFirst))]
                }.check()
            }
        }
        #expect(broken?.rule.contains(flaw.rawValue) == true, "\(String(describing: broken))")
    }

    @Test("A store in memory")
    func store() async throws {
        try await onLoops { loops in
            let untested = try await KeyValueStoreConformance { environment, _ in
                (FlawedStore(flaw: nil, inner: try self.store(on: loops, environment)), nil)
            }.check()
            #expect(untested.count == 3, "A store in memory has no storage that fails.")
        }
    }

    private static let flawedStores: [(flaw: FlawedStore.Flaw, rule: String)] = [
        (.endsNever, "replaces the old value"), (.hangs, "by their bytes"), (.keepsRemoved, "Removing"),
        (.foldsKeys, "by their bytes"),
    ]

    @Test("A store that breaks the contract is found out", arguments: flawedStores)
    func flawedStore(_ flaw: FlawedStore.Flaw, rule: String) async throws {
        try await onLoops { loops in
            let broken = await #expect(throws: BrokenRule.self) {
                try await ChosenRules.containing(rule) {
                    // Only for these two does the suite wait in vain.
                    let limit: Duration =
                        switch flaw {
                        case .endsNever: .seconds(1)
                        case .hangs: .milliseconds(50)
                        case .keepsRemoved, .foldsKeys: .seconds(30)
                        }
                    try await KeyValueStoreConformance(limit: limit) { environment, _ in
                        (FlawedStore(flaw: flaw, inner: try self.store(on: loops, environment)), nil)
                    }.check()
                }
            }
            #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
        }
    }

    @Test("A store that cannot be made breaks the rule for which it is needed")
    func storeNotMade() async throws {
        struct NotMade: Error {}
        let broken = await #expect(throws: BrokenRule.self) {
            try await KeyValueStoreConformance { _, _ -> (FlawedStore, (any ManagedService)?) in
                throw NotMade()
            }.check()
        }
        #expect(broken?.contract == "store" && broken?.problem == "NotMade()")
    }

    private static let flawedServices: [(service: FlawedService, rule: String)] = [
        (FlawedService(readyCalls: 2), "says once"), (FlawedService(readyCalls: 0), "says once"),
        (FlawedService(heedsStop: false), "says once"), (FlawedService(heedsCancellation: false), "Cancelled"),
        (FlawedService(maxRuns: 1), "run again"),
    ]

    @Test("A service that breaks the contract is found out", arguments: flawedServices)
    func flawedService(_ service: FlawedService, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await ManagedServiceConformance(limit: .seconds(8)) {
                    FlawedService(copying: service)
                }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    private static let flawedFunctions: [(flaw: FlawedFunction.Flaw, rule: String)] = [
        (.takesEverything, "wrong argument"), (.hidesMisfit, "wrong argument"), (.mixesAnswers, "answers"),
        (.ignoresCancellation, "Cancelling"),
    ]

    @Test("A function that breaks the contract is found out", arguments: flawedFunctions)
    func flawedFunction(_ flaw: FlawedFunction.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await FunctionConformance(
                    argument: 3, answer: 9, misfit: "x", endless: -1, limit: .seconds(8)
                ) { FlawedFunction(flaw: flaw) }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test("The suite of a function says which rules it did not test, because it has no value for them")
    func untestedFunction() async throws {
        let flawed = FlawedFunction(flaw: .takesEverything)
        let untested = try await FunctionConformance(argument: 3, answer: 9) { flawed }.check()
        #expect(
            untested == [
                "It refuses a wrong argument with Invalid, in words for the caller",
                "Cancelling the caller's task cancels the call",
            ])
        #expect(try await FunctionConformance(argument: 3, answer: 9, endless: -1) { flawed }.check().count == 1)
    }

    @Test("A middleware that breaks the contract is found out")
    func flawedMiddleware() async throws {
        let name = await #expect(throws: BrokenRule.self) { try await MiddlewareConformance(Misnamed.self).check() }
        #expect(
            name?.description
                == """
                middleware 'stamp': Its options' names begin with its own: the option 'text' must begin with 'stamp.'
                """)
        let hiding = await #expect(throws: BrokenRule.self) { try await MiddlewareConformance(Hiding.self).check() }
        #expect(hiding?.problem == "it does not list 'stamp.answers'")
        let hanging = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing("sees each request") {
                try await MiddlewareConformance(Hanging.self, limit: .seconds(1)).check()
            }
        }
        #expect(hanging?.rule.contains("sees each request") == true)
        let early = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing("sees each request") {
                try await MiddlewareConformance(Early.self).check()
            }
        }
        #expect(early?.rule.contains("sees each request") == true)
        let endless = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing("completes each answer") {
                try await MiddlewareConformance(Endless.self).check()
            }
        }
        #expect(endless?.rule.contains("completes each answer") == true)
        let stuck = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing("when one is cancelled") {
                try await MiddlewareConformance(Stuck.self, limit: .seconds(8)).check()
            }
        }
        #expect(stuck?.rule.contains("when one is cancelled") == true, "\(String(describing: stuck))")
        let crowded = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing("when some get no answer") {
                try await MiddlewareConformance(Crowded.self, limit: .seconds(1)).check()
            }
        }
        #expect(crowded?.rule.contains("when some get no answer") == true, "\(String(describing: crowded))")
        let once = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing("one in its place") { try await MiddlewareConformance(Once.self).check() }
        }
        #expect(once?.rule.contains("one in its place") == true, "\(String(describing: once))")
        let twofold = await #expect(throws: BrokenRule.self) { try await MiddlewareConformance(Twofold.self).check() }
        #expect(twofold?.problem == "'complete(_:to:)' is not called; implement only 'complete(_:to:with:)'")
        let barred = await #expect(throws: BrokenRule.self) { try await MiddlewareConformance(Barred.self).check() }
        #expect(barred?.problem == "'admit(_:)' is not called; implement only 'admit(_:keeping:)'")
        try await MiddlewareConformance(Counted.self).check()
    }
}

private struct Square: FunctionHandler {
    struct Input: Decodable { let n: Int }

    init(_ context: HandlerContext) {}

    func call(_ input: Input) async throws -> Int {
        if input.n < 0 { try await Task.sleep(for: .seconds(3600)) }
        await Task.yield()
        return input.n * input.n
    }
}

private struct Work: MessageHandler {
    init(_ context: HandlerContext) {}
    func handle(_ body: Value, _ delivery: Delivery) {}
}

private struct Page: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("") }
}

/// A store that can have a flaw.
struct FlawedStore: KeyValueStore {
    enum Flaw {
        case endsNever, hangs, keepsRemoved, foldsKeys
    }

    let flaw: Flaw?
    let inner: any KeyValueStore

    private func key(_ key: String) -> String { flaw == .foldsKeys ? key.lowercased() : key }

    func value(of key: String) async throws -> Value? { try await inner.value(of: self.key(key)) }

    func set(_ value: Value, of key: String, for lifetime: Duration?) async throws {
        if flaw == .hangs {
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            for await _ in stream {}
            continuation.finish()
        }
        try await inner.set(value, of: self.key(key), for: flaw == .endsNever ? nil : lifetime)
    }

    func remove(_ key: String) async throws -> Bool {
        flaw == .keepsRemoved ? true : try await inner.remove(self.key(key))
    }
}

/// A service with a flaw.
final class FlawedService: ManagedService {
    private let readyCalls: Int
    private let heedsStop: Bool
    private let heedsCancellation: Bool
    private let maxRuns: Int
    private let runs = Atomic(0)

    init(readyCalls: Int = 1, heedsStop: Bool = true, heedsCancellation: Bool = true, maxRuns: Int = .max) {
        self.readyCalls = readyCalls
        self.heedsStop = heedsStop
        self.heedsCancellation = heedsCancellation
        self.maxRuns = maxRuns
    }

    convenience init(copying other: FlawedService) {
        self.init(
            readyCalls: other.readyCalls, heedsStop: other.heedsStop, heedsCancellation: other.heedsCancellation,
            maxRuns: other.maxRuns)
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        guard runs.add(1, ordering: .relaxed).newValue <= maxRuns else { throw ServiceFailure("still in use") }
        for _ in 0..<readyCalls { ready() }
        if !heedsCancellation { return await Task { await stop.wait() }.value }
        await (heedsStop ? stop : StopSignal()).wait()
    }
}

/// A function with a flaw.
struct FlawedFunction: Function {
    enum Flaw {
        case takesEverything, hidesMisfit, mixesAnswers, ignoresCancellation
    }

    private struct NoNumber: Error {}

    let flaw: Flaw
    private let calls = Shared()

    init(flaw: Flaw) { self.flaw = flaw }

    private final class Shared: Sendable { let count = Atomic(0) }

    func call(_ argument: Value) async throws -> Value {
        let call = calls.count.add(1, ordering: .relaxed).newValue
        if flaw == .mixesAnswers, call == 7 { return 8 }
        guard let number = argument.integer else {
            if flaw == .takesEverything { return 0 }
            throw WippyError(.invalid, "no number", cause: flaw == .hidesMisfit ? nil : ArgumentMisfit(NoNumber()))
        }
        if number < 0 {
            let sleeping = Task { try await Task.sleep(for: .seconds(20)) }
            if flaw == .ignoresCancellation { _ = await sleeping.result }
        }
        return .integer(number * number)
    }
}

private struct Misnamed: Middleware {
    static let name: ExactText = "stamp"

    struct Options: EntryConfig {
        init(from fields: inout FieldReader) { let _: String = fields.optional("text", default: "", "A text.") }
    }

    init(_ options: Options) {}
}

/// Has a metric that it does not list.
private struct Hiding: Middleware {
    static let name: ExactText = "stamp"
    static let answers = Metric<Counter>("stamp.answers", of: "a router", unit: "answers", "Answers.")
    init(_ options: NoConfig, with context: MiddlewareContext) {
        context.metrics.counter(Self.answers, of: context.id).add()
    }
}

private struct Hanging: Middleware {
    static let name: ExactText = "stamp"
    init(_ options: NoConfig) {}
    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? {
        await Task { try? await Task.sleep(for: .seconds(20)) }.value
        return nil
    }
}

/// Answers with a status that ends no request.
private struct Early: Middleware {
    static let name: ExactText = "stamp"
    init(_ options: NoConfig) {}
    func admit(_ request: inout HTTPRequest) -> HTTPResponse? { HTTPResponse(status: .continue) }
}

/// Makes an answer one that ends no request.
private struct Endless: Middleware {
    static let name: ExactText = "stamp"
    init(_ options: NoConfig) {}
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) { response.status = .continue }
}

/// Counts a request as there for ever once its task is cancelled, and has no room for a second one.
private final class Stuck: Middleware {
    static let name: ExactText = "stamp"
    private let isTaken = Atomic(false)

    init(_ options: NoConfig) {}

    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? {
        if isTaken.load(ordering: .relaxed) { await OneShotEvent().wait() }
        if Task.isCancelled { isTaken.store(true, ordering: .relaxed) }
        return nil
    }
}

/// Has room for a number of requests, and makes room again only when one is completed.
private final class Crowded: Middleware {
    static let name: ExactText = "stamp"
    private let inside = Atomic(0)

    init(_ options: NoConfig) {}

    func admit(_ request: inout HTTPRequest, keeping state: inout Bool?) async throws -> HTTPResponse? {
        if inside.add(1, ordering: .relaxed).newValue > 1000 { await OneShotEvent().wait() }
        state = true
        return nil
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: Bool?) {
        if state == true { inside.subtract(1, ordering: .relaxed) }
    }
}

/// Completes no second answer of a request.
private struct Once: Middleware {
    static let name: ExactText = "stamp"
    init(_ options: NoConfig) {}

    final class Seen: Sendable {
        let isCompleted = Atomic(false)
    }

    func admit(_ request: inout HTTPRequest, keeping state: inout Seen?) -> HTTPResponse? {
        state = Seen()
        return nil
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: Seen?) {
        guard let state else { return }
        if state.isCompleted.exchange(true, ordering: .relaxed) { response.status = .continue }
    }
}

/// Keeps a state, and completes answers by both methods.
private struct Twofold: Middleware {
    static let name: ExactText = "stamp"
    init(_ options: NoConfig) {}

    func admit(_ request: inout HTTPRequest, keeping state: inout Int?) -> HTTPResponse? { nil }
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: Int?) {}
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) { response.status = .notFound }
}

/// Keeps a state, and would refuse every request by the method that is not called.
private struct Barred: Middleware {
    static let name: ExactText = "stamp"
    init(_ options: NoConfig) {}

    func admit(_ request: inout HTTPRequest, keeping state: inout Int?) -> HTTPResponse? { nil }
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: Int?) {}
    func admit(_ request: inout HTTPRequest) throws -> HTTPResponse? { throw WippyError(.permissionDenied, "no") }
}

/// Keeps a number of each request.
private struct Counted: Middleware {
    static let name: ExactText = "stamp"
    init(_ options: NoConfig) {}

    func admit(_ request: inout HTTPRequest, keeping state: inout Int?) -> HTTPResponse? {
        state = request.head.path.utf8.count
        return nil
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: Int?) {
        try? response.fields.set("X-Length", "\(state ?? 0)")
    }
}

/// A storage whose texts are those that a flaw has left of them.
struct FlawedStorage: VariableStorageKind {
    static let name: KindName = "env.storage.flawed"
    static let summary = "Has what a flaw has left."

    enum Flaw: String, CaseIterable {
        case trims = "has the text that the storage has"
        case invents = "not in the storage has no text"
        case ignoresCase = "by their bytes"

        func kept(_ texts: KeyValuePairs<String, String>) -> [(String, Value)] {
            let all = texts.map { ($0.key, Value.string($0.value)) }
            switch self {
            case .trims: return texts.map { ($0.key, .string($0.value.trimmingCharacters(in: .whitespaces))) }
            case .invents: return all + [("OTHER", "invented")]
            case .ignoresCase: return all.map { (texts.count == 3 ? $0.0.uppercased() : $0.0, $0.1) }
            }
        }
    }

    struct Config: VariableStorageConfig {
        let values: [ExactText: String]

        init(from fields: inout FieldReader) {
            values = fields.required("values", "The texts.")
        }

        func texts(with reading: StorageReading) -> StoredTexts {
            .lookup { name in
                values[ExactText(name)].map { StoredText($0, at: Location(source: "the test")) }
            }
        }
    }
}
