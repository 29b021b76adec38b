import Synchronization
import Testing
import Wippy
import WippyTestClient
import WippyTesting

/// A kind from outside: this file, and one line in a list.
struct TickerKind: EntryKind {
    static let name: KindName = "clock.ticker"
    static let summary = "Calls a function at a fixed interval."
    static let role: ServiceRole? = .process

    struct Config: EntryConfig {
        let function: Reference<any Function>
        let interval: Duration

        init(from fields: inout FieldReader) {
            function = fields.reference("func", .function, "The function that is called.")
            interval = fields.optional(
                "interval", default: .seconds(1), in: .milliseconds(1) ... .seconds(60), "The time between calls.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> {
        .service(
            Ticker(
                function: try context.resolve(entry.config.function), interval: entry.config.interval,
                clock: context.environment.clock))
    }
}

private struct Ticker: ManagedService {
    let function: Link<any Function>
    let interval: Duration
    let clock: any RuntimeClock

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        ready()
        while !stop.isFired {
            _ = try await function.target.call(.null)
            try await clock.sleep(for: interval)
        }
    }
}

/// A function for the ticker to call.
private struct CounterKind: EntryKind {
    static let name: KindName = "clock.counter"
    static let summary = "Counts its calls."
    let calls: CallCount

    func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
    func offers(_ entry: Entry<NoConfig>) -> [Offer<CallCount>] { [Offer(.function) { $0 }] }
    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<CallCount> { .component(calls) }
}

private final class CallCount: Function {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func call(_ argument: Value) -> Value { .integer(count.add(1, ordering: .relaxed).newValue) }
}

@Suite("A kind from outside", .timeLimit(.minutes(5)))
struct AddedKindTests {
    private let calls = CallCount()
    private var catalog: KindCatalog { KindCatalog([TickerKind(), CounterKind(calls: calls)]) }

    private func plan(_ index: String, _ kinds: KindCatalog? = nil) throws -> (plan: Plan, report: Report) {
        let folder = try TemporaryFolder()
        try folder.write(index, to: "src/_index.yaml")
        let project = CheckedProject(at: folder.path, in: Program(kinds: kinds ?? catalog))
        return (project.plan, project.report)
    }

    /// The ticker's name again, a name that is none, and a field without help.
    private struct OtherTicker: EntryKind {
        static let name: KindName = "clock.ticker"
        static let summary = "Another."
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    private struct Misnamed: EntryKind {
        static let name: KindName = "Clock"
        static let summary = "Tells the time."
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    private struct Helpless: EntryKind {
        static let name: KindName = "clock.helpless"
        static let summary = "Tells the time."
        func config(from fields: inout FieldReader, in program: Program) -> Bool {
            fields.optional("fast", default: false, "")
        }
        func build(_ entry: Entry<Bool>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    @Test("Mistakes in the list of kinds are errors of the check, with the types' full names")
    func mistakes() throws {
        let kinds = KindCatalog([TickerKind(), OtherTicker(), Misnamed(), Helpless()])
        let index = "namespace: app\nentries:\n  - {name: a, kind: clock.helpless}\n"
        #expect(
            try plan(index, kinds).report.diagnostics.map(\.description) == [
                """
                kinds: error: the kind 'Clock' (\(String(reflecting: Misnamed.self))) has a name that is not \
                lower-case words joined by dots
                """,
                "kinds: error: the kind 'clock.helpless' (\(String(reflecting: Helpless.self))) has no help for 'fast'",
                """
                kinds: error: the kind 'clock.ticker' is listed twice, as \(String(reflecting: TickerKind.self)) and \
                \(String(reflecting: OtherTicker.self)); give each a name of its own
                """,
            ])
    }

    /// Uses `app:b`, as its code says and no field does.
    private struct Caller: EntryKind {
        static let name: KindName = "clock.caller"
        static let summary = "Calls a function."
        static let role: ServiceRole? = .process
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) throws -> Built<Never> {
            _ = try context.resolve(EntryID(namespace: "app", name: "b"), as: .function)
            return .nothing
        }
    }

    @Test("A circle that only code closes is an error of the build, with its fields")
    func circleInCode() throws {
        let plan = try plan(
            """
            namespace: app
            entries:
              - {name: a, kind: clock.caller}
              - {name: b, kind: clock.counter, lifecycle: {requires: [a]}}
            """, KindCatalog([Caller(), CounterKind(calls: calls)])
        ).plan
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: TestClock(), log: .silent, metrics: Metrics())
        let error = #expect(throws: BuildError.self) { try Registry().apply(plan, in: environment) }
        #expect(
            error?.description == """
                app:a: needs itself: app:a -> app:b ('handler', src/_index.yaml:3:12), \
                app:b -> app:a ('lifecycle.requires[0]', src/_index.yaml:4:59); remove one of these references
                """)
    }

    @Test("Lint and the manual know its fields and references")
    func lint() throws {
        let (_, report) = try plan(
            """
            namespace: app
            entries:
              - {name: a, kind: clock.ticker, func: b, intervall: 1s}
              - {name: b, kind: clock.ticker, func: c, interval: 2m}
              - {name: c, kind: clock.tickr}
            """)
        #expect(
            report.diagnostics.map(\.description) == [
                "src/_index.yaml:3:44: error: app:a: unknown field 'intervall'; did you mean 'interval'?",
                "src/_index.yaml:4:54: error: app:b: 'interval' must be 1ms through 1m, got '2m'",
                "src/_index.yaml:5:21: error: app:c: no kind 'clock.tickr'; did you mean 'clock.ticker'?",
            ])
        let page = catalog.manual.first { $0.name == "clock.ticker" }
        #expect(page?.fields.map(\.path) == ["func", "interval"])
        #expect(page?.fields.first?.expectation == "the id of a function")
    }

    @Test("An application runs it beside the standard kinds, and a router names a program's own middleware")
    func run() async throws {
        let index = """
            namespace: app
            entries:
              - {name: tick, kind: clock.ticker, func: count, interval: 1ms, lifecycle: {auto_start: true}}
              - {name: count, kind: clock.counter}
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - name: router
                kind: http.router
                meta: {server: server}
                middleware: [stamp]
                options: {stamp.text: seen}

            """
        let kinds = [any EntryKind].standard(middleware: [Stamp.self]) + [TickerKind(), CounterKind(calls: calls)]
        let application = try RunningApplication(index, [], kinds: kinds)
        try await eventually("it ticks") { calls.value >= 3 }
        let answer = try await application.get("/none")
        #expect(answer.status == 404 && answer.field("X-Stamp") == "seen")
        try await application.stop()
    }

    private struct OtherStamp: Middleware {
        static let name: ExactText = "stamp"
        init(_ options: NoConfig) {}
    }

    @Test("A middleware that is listed twice is an error of the check, with the types' full names")
    func middlewareTwice() throws {
        func found(_ middleware: [any Middleware.Type]) throws -> [String] {
            let (_, report) = try plan("namespace: app\nentries: []\n", KindCatalog(.standard(middleware: middleware)))
            return report.diagnostics.filter { $0.severity == .error }.map(\.description)
        }
        let (first, second) = (String(reflecting: Stamp.self), String(reflecting: OtherStamp.self))
        #expect(
            try found([Stamp.self, OtherStamp.self]) == [
                """
                kinds: error: the middleware 'stamp' is listed twice, as \(first) and \(second); \
                give each a name of its own
                """
            ])
        #expect(
            try found([Stamp.self, Stamp.self]) == [
                "kinds: error: the middleware 'stamp' is listed twice, as \(first); list it once"
            ])
    }

    @Test("Its middleware's options are checked like all fields")
    func options() throws {
        let index = """
            namespace: app
            entries:
              - {name: server, kind: http.service, addr: "127.0.0.1:0"}
              - {name: router, kind: http.router, meta: {server: server}, middleware: [stmp], options: {stamp.txt: a}}
              - {name: other, kind: http.router, meta: {server: server}, middleware: [stamp], options: {stamp.txt: a}}

            """
        let kinds = KindCatalog(.standard(middleware: [Stamp.self]))
        let found = try plan(index, kinds).report.diagnostics.map(\.description)
        #expect(found.contains { $0.hasSuffix("which is no middleware; there is cors, stamp; did you mean 'stamp'?") })
        #expect(
            found.contains { $0.hasSuffix("unknown field 'options.stamp.txt'; did you mean 'options.stamp.text'?") })
    }
}

/// A middleware from outside: it says of each answer that it has passed.
private struct Stamp: Middleware {
    static let name: ExactText = "stamp"

    struct Options: EntryConfig {
        let text: String

        init(from fields: inout FieldReader) {
            text = fields.optional("stamp.text", default: "1", "What the field X-Stamp says.")
        }
    }

    private let text: String

    init(_ options: Options) {
        text = options.text
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        try? response.fields.set("X-Stamp", text)
    }
}
