import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// A queue driver that breaks one rule of its contract after another.
///
/// Whatever it does, the application must go on, reload and stop, and say what is wrong.
@Suite("A queue driver that breaks its contract", .timeLimit(.minutes(15)))
struct BrokenDriverTests {
    private static func index(queues: [String] = ["tasks"], driver: String = "driver") -> String {
        """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: server}}
          - {name: answer, kind: function.swift, handler: Answer}
          - {name: get, kind: http.endpoint, meta: {router: router}, method: GET, path: /, func: answer}
          - {name: driver, kind: queue.driver.broken, lifecycle: {auto_start: true}}
          - {name: spare, kind: queue.driver.broken, lifecycle: {auto_start: true}}
          - {name: work, kind: function.swift, handler: Work}
          - name: consumer
            kind: queue.consumer
            queue: tasks
            func: work
            lifecycle:
              auto_start: true
              startup: optional
              start_timeout: 100ms
              restart: {initial_delay: 10ms, max_delay: 10ms}
        \(queues.map { "  - {name: \($0), kind: queue.queue, driver: \(driver)}" }.joined(separator: "\n"))

        """
    }

    private static func start(
        _ breach: Breach, queues: [String] = ["tasks"], clock: (any RuntimeClock)? = nil
    ) async throws -> (RunningApplication, BrokenRules) {
        let rules = BrokenRules(breach)
        var settings = Application.Settings()
        settings.assignments = ["shutdown.timeout=1s"]
        let application = try RunningApplication(
            index(queues: queues), [Work.self, Answer.self], kinds: .standard + [BrokenDriverKind(rules: rules)],
            settings: settings, clock: clock)
        return (application, rules)
    }

    @Test("The application serves, and stops in its time", arguments: Breach.allCases)
    func goesOn(_ breach: Breach) async throws {
        let (application, rules) = try await Self.start(breach)
        #expect(try await application.get("/").status == 200)
        try await eventually("the rule is broken, or is so only at the stop") {
            rules.breaches > 0 || breach.isOfStop
        }
        #expect(try await application.get("/").status == 200)
        let clock = ContinuousClock()
        let time = try await clock.measure { try await application.stop() }
        #expect(time < .seconds(10), "\(breach): the stop took \(time)")
        let lines = application.messages
        #expect(lines.contains("stopped"))
        for line in breach.lines {
            #expect(lines.filter { $0 == line }.count == 1, "\(breach): '\(line)' once in \(lines.suffix(20))")
        }
        rules.end()
    }

    @Test("A reload that makes a queue that cannot be made changes nothing, and the next reload is applied")
    func unmakeable() async throws {
        let (application, rules) = try await Self.start(.none)
        _ = try await application.get("/")
        rules.set(.throwsAtMaking)
        guard case .invalid(let report) = try await application.change(Self.index(queues: ["tasks", "other"])) else {
            Issue.record("the reload is not refused")
            return
        }
        #expect(report.diagnostics.contains { $0.message.contains("this driver was told to fail") })
        rules.set(.none)
        try await application.reload(Self.index(queues: ["tasks", "other"]))
        try await application.stop()
    }

    @Test(
        "A reload does not wait for ever for a queue that does not count its messages",
        arguments: [
            (.waitsAtCount, "no answer within 10s)"),
            (.neverCounts, "no answer within 10s, and the call goes on although it was cancelled)"),
        ] as [(Breach, String)])
    func uncounted(_ breach: Breach, sentence: String) async throws {
        let clock = AdvanceableClock()
        let (application, rules) = try await Self.start(.none, queues: ["tasks", "other"], clock: clock)
        _ = try await application.get("/")
        rules.set(breach)
        let reload = Task { try await application.change(Self.index()) }
        try await eventually("the reload asks for the count") { rules.breaches > 0 }
        try await eventually("the time is up") {
            clock.advance(by: .seconds(11))
            return application.messages.contains("the project was not reloaded; the version in force keeps running")
        }
        guard case .changed(let change) = try await reload.value, case .refused(let reason) = change.outcome else {
            Issue.record("the reload is not refused")
            return
        }
        #expect(reason.contains(sentence), "\(reason)")
        #expect(try await application.get("/").status == 200)
        try await application.stop()
        rules.end()
    }

    @Test("A reload does not wait for ever for a queue that does not move its messages, and the next reload is applied")
    func unmoved() async throws {
        let clock = AdvanceableClock()
        let (application, rules) = try await Self.start(.none, clock: clock)
        _ = try await application.get("/")
        rules.set(.neverMoves)
        let reload = Task { try await application.change(Self.index(driver: "spare")) }
        try await eventually("the messages are to move") { rules.breaches > 0 }
        try await eventually("the time is up") {
            clock.advance(by: .seconds(61))
            return application.messages.contains {
                $0 == "the project was not reloaded: the change was taken back, and the version before runs again"
            }
        }
        guard case .changed(let change) = try await reload.value, case .takenBack(let reason) = change.outcome else {
            Issue.record("the reload is not taken back")
            return
        }
        let subject = "the messages of the queue app:tasks cannot be moved"
        let rest = "no answer within 1m, and the call goes on although it was cancelled"
        #expect(reason == "\(subject): \(rest); \(subject) back: \(rest)")
        #expect(try await application.get("/").status == 200)
        rules.set(.none)
        try await application.reload(Self.index(driver: "spare"))
        try await application.stop()
        rules.end()
    }
}

/// The rule that the driver breaks.
enum Breach: CaseIterable, Sendable {
    case none
    case throwsAtMaking
    case waitsAtCount
    case neverCounts
    case neverMoves
    case throwsAtSubscribing
    case neverSubscribes
    case neverReady
    case throwsAtNext
    case endsAtOnce
    case neverSettles
    case cannotSettle
    case neverCloses
    case neverDrains
    case goesOnAfterClose

    /// Those that break an application which neither reloads nor counts.
    static let allCases: [Breach] = [
        .none, .throwsAtSubscribing, .neverSubscribes, .neverReady, .throwsAtNext, .endsAtOnce, .neverSettles,
        .cannotSettle, .neverCloses, .neverDrains, .goesOnAfterClose,
    ]

    /// True if the rule is broken only by a stop.
    var isOfStop: Bool {
        switch self {
        case .none, .neverCloses, .neverDrains, .goesOnAfterClose: true
        default: false
        }
    }

    /// Lines that the log has once.
    var lines: [String] {
        switch self {
        case .neverDrains: ["a drain is abandoned: it still runs although it was cancelled"]
        case .throwsAtNext: ["the queue's driver fails; the workers try again"]
        case .neverCloses: ["is abandoned: it still runs although it was cancelled"]
        case .cannotSettle: ["a message could not be settled; it may be handled again"]
        default: []
        }
    }
}

/// Tells the driver which rule to break, and counts how often it has.
private final class BrokenRules: Sendable {
    private let state: Mutex<(breach: Breach, count: Int)>
    private let isOver = OneShotEvent()

    init(_ breach: Breach) { state = Mutex((breach, 0)) }

    var breaches: Int { state.withLock { $0.count } }

    func set(_ breach: Breach) { state.withLock { $0 = (breach, 0) } }

    /// Lets all calls return that wait for ever.
    func end() { isOver.fire() }

    /// Whether this rule is broken now.
    func breaks(_ breach: Breach) -> Bool {
        state.withLock { state in
            guard state.breach == breach else { return false }
            state.count += 1
            return true
        }
    }

    func throwIf(_ breach: Breach) throws {
        if breaks(breach) { throw WippyError(.unavailable, "this driver was told to fail", isRetryable: true) }
    }

    /// Waits for ever, even if the task is cancelled.
    func hangIf(_ breach: Breach) async {
        guard breaks(breach) else { return }
        await withCheckedContinuation { continuation in
            let observation = isOver.onFire { continuation.resume() }
            withExtendedLifetime(observation) {}
        }
    }
}

private struct BrokenDriverKind: QueueDriverKind {
    typealias Config = NoConfig

    static let name: KindName = "queue.driver.broken"
    static let summary = "Breaks the contract of a queue driver."
    static let role: ServiceRole? = .resource

    var rules = BrokenRules(.none)

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<BrokenDriver> {
        let driver = BrokenDriver(rules: rules)
        return .component(driver, service: driver)
    }
}

private final class BrokenDriver: QueueDriver, ManagedService {
    let rules: BrokenRules

    init(rules: BrokenRules) { self.rules = rules }

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: NoConfig, deadLetters: DeadLetters?
    ) throws -> BrokenQueue {
        try rules.throwIf(.throwsAtMaking)
        return BrokenQueue(id: id, rules: rules)
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        for _ in 0..<3 { ready() }
        await stop.wait()
        // After its end nobody is to hear this.
        Task { ready() }
    }
}

private struct BrokenQueue: MovableQueue {
    let id: EntryID
    let rules: BrokenRules

    func publish(_ message: Message) async throws -> Bool { true }

    func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        try rules.throwIf(.throwsAtSubscribing)
        await rules.hangIf(.neverSubscribes)
        if rules.breaks(.neverReady) { try await Task.sleep(for: .seconds(3600)) }
        return BrokenSubscription(id: id, rules: rules)
    }

    func drain(until deadline: Duration) async -> Int {
        await rules.hangIf(.neverDrains)
        return 0
    }

    var count: MessageCount {
        get async throws {
            if rules.breaks(.waitsAtCount) { try await Task.sleep(for: .seconds(3600)) }
            await rules.hangIf(.neverCounts)
            return MessageCount(ready: 0, delayed: 0, claimed: 0)
        }
    }

    func moveMessages(to other: any MovableQueue) async throws { await rules.hangIf(.neverMoves) }

    func accept(_ messages: [QueuedMessage]) async throws {}
}

private final class BrokenSubscription: MessageSubscription {
    let id: EntryID
    let rules: BrokenRules
    private let isClosed = OneShotEvent()
    private let receipts = Atomic(0)

    init(id: EntryID, rules: BrokenRules) { (self.id, self.rules) = (id, rules) }

    func next() async throws -> Delivery? {
        try rules.throwIf(.throwsAtNext)
        if rules.breaks(.endsAtOnce) { return nil }
        if rules.breaks(.goesOnAfterClose) {
            try await Task.sleep(for: .milliseconds(1))
        } else if receipts.load(ordering: .relaxed) > 0 {
            await isClosed.wait()
            try Task.checkCancellation()
            return nil
        }
        let receipt = receipts.add(1, ordering: .relaxed).newValue
        return Delivery(message: Message(body: 1), queue: id, attempt: 1, receipt: receipt)
    }

    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        await rules.hangIf(.neverSettles)
        try rules.throwIf(.cannotSettle)
        return true
    }

    func close() async {
        await rules.hangIf(.neverCloses)
        isClosed.fire()
    }
}

private struct Work: MessageHandler {
    init(_ context: HandlerContext) {}

    func handle(_ body: Int, _ delivery: Delivery) {}
}

private struct Answer: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse { .text("answer") }
}
