import Synchronization
import Testing
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyTesting

@testable import WippyQueue
@testable import WippyRuntime

/// A message function of the tests, whose entry names the closure that it calls.
private struct WorkKind: EntryKind {
    static let name: KindName = "test.work"
    static let summary = "Calls a closure for each message."
    let bodies: [String: @Sendable (Delivery) async throws -> Void]

    struct Config: EntryConfig {
        let body: String
        init(from fields: inout FieldReader) { body = fields.optional("body", default: "work", "Which closure.") }
    }

    func offers(_ entry: Entry<Config>) -> [Offer<ClosureFunction>] { [Offer(.messageFunction) { $0 }] }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<ClosureFunction> {
        guard let body = bodies[entry.config.body] else { throw BuildError(entry.id, "no such closure") }
        return .component(ClosureFunction(body))
    }
}

/// A queue that hands its messages to no other one.
private struct PlainQueue: MessageQueue {
    let queue: MemoryQueue

    func publish(_ message: Message) async throws -> Bool { try await queue.publish(message) }

    func subscribe(prefetch: Int) -> any MessageSubscription { queue.subscribe(prefetch: prefetch) }

    func drain(until deadline: Duration) async -> Int { await queue.drain(until: deadline) }

    var count: MessageCount { queue.count }
}

/// A driver of another sort, whose queues are in memory and cannot go on with other settings.
private struct PlainDriver: QueueDriver {
    let memory: MemoryQueueDriver

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: NoConfig, deadLetters: DeadLetters?
    ) -> PlainQueue {
        PlainQueue(
            queue: memory.makeQueue(id, settings: settings, options: .standard, deadLetters: deadLetters))
    }
}

private struct PlainDriverKind: QueueDriverKind {
    static let name: KindName = "test.driver.plain"
    static let summary = "Keeps messages."
    static let role: ServiceRole? = .resource

    func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig(from: &fields) }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<PlainDriver> {
        let memory = MemoryQueueDriver(clock: context.environment.clock, log: context.environment.log)
        return .component(PlainDriver(memory: memory), service: MemoryQueueService(driver: memory))
    }
}

/// A driver whose `update` would change every field.
private struct MarkedDriver: QueueDriver {
    static let queueFieldsBuiltAnew: [QueueField<Options>]? = [
        .driver, .name, .setting("codec") { $0.codec }, .option("shards") { $0.shards },
    ]

    struct Options: EntryConfig {
        let shards: Int
        init(from fields: inout FieldReader) { shards = fields.optional("shards", default: 1, "A number.") }
    }

    let memory: MemoryQueueDriver

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> MemoryQueue {
        memory.makeQueue(id, settings: settings, options: .standard, deadLetters: deadLetters)
    }

    func update(
        _ queue: MemoryQueue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> Update? {
        memory.update(queue, settings: settings, options: .standard, deadLetters: deadLetters)
    }
}

private struct MarkedDriverKind: QueueDriverKind {
    static let name: KindName = "test.driver.marked"
    static let summary = "Keeps messages."
    static let role: ServiceRole? = .resource

    func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig(from: &fields) }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<MarkedDriver> {
        let memory = MemoryQueueDriver(clock: context.environment.clock, log: context.environment.log)
        return .component(MarkedDriver(memory: memory), service: MemoryQueueService(driver: memory))
    }
}

/// A queue that gets a message when it is counted, as the driver's entry says: "after 2", the second time.
private struct LateQueue: MessageQueue {
    let queue: MemoryQueue
    let manner: String
    let counts = Counter()

    func publish(_ message: Message) async throws -> Bool { try await queue.publish(message) }

    func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        queue.subscribe(prefetch: prefetch)
    }

    func drain(until deadline: Duration) async -> Int { await queue.drain(until: deadline) }

    var count: MessageCount {
        get async throws {
            if manner == "unknown" { throw WippyError(.unavailable, "nobody knows") }
            counts.add()
            if manner == "before \(counts.value)" { try await queue.publish(.number(2)) }
            let count = queue.count
            if manner == "after \(counts.value)" { try await queue.publish(.number(2)) }
            return count
        }
    }
}

private struct LateDriver: QueueDriver {
    let memory: MemoryQueueDriver
    let manner: String

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: NoConfig, deadLetters: DeadLetters?
    ) -> LateQueue {
        let queue = memory.makeQueue(id, settings: settings, options: .standard, deadLetters: deadLetters)
        return LateQueue(queue: queue, manner: manner)
    }
}

private struct LateDriverKind: QueueDriverKind {
    static let name: KindName = "test.driver.late"
    static let summary = "Keeps messages."
    static let role: ServiceRole? = .resource

    struct Config: EntryConfig {
        let manner: String
        init(from fields: inout FieldReader) {
            manner = fields.optional("manner", default: "after 2", "When a message comes.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<LateDriver> {
        let memory = MemoryQueueDriver(clock: context.environment.clock, log: context.environment.log)
        return .component(
            LateDriver(memory: memory, manner: entry.config.manner), service: MemoryQueueService(driver: memory))
    }
}

/// A service that is never ready.
private struct StuckKind: EntryKind {
    static let name: KindName = "test.stuck"
    static let summary = "Fails, or waits."
    static let role: ServiceRole? = .server

    struct Config: EntryConfig {
        let body: String
        init(from fields: inout FieldReader) { body = fields.optional("body", default: "fails", "What it does.") }
    }

    private struct Stuck: ManagedService {
        let waits: Bool

        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
            if waits { return await stop.wait() }
            throw ServiceFailure("stuck", isPermanent: true)
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Never> {
        .service(Stuck(waits: entry.config.body == "waits"))
    }
}

/// A service that runs until it is told to stop.
private struct ServerKind: EntryKind {
    static let name: KindName = "test.server"
    static let summary = "Runs."
    static let role: ServiceRole? = .server

    private struct Server: ManagedService {
        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
            ready()
            await stop.wait()
        }
    }

    func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig(from: &fields) }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .service(Server()) }
}

/// A service whose first run goes on after its stop and its cancellation, until the test ends the run.
private final class Clinging: ManagedService {
    private let state = Mutex((now: 0, most: 0, begun: 0))
    let isOver = OneShotEvent()

    /// How many runs have begun.
    var begun: Int { state.withLock { $0.begun } }

    /// How many have gone on at once.
    var most: Int { state.withLock { $0.most } }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let number = state.withLock { state in
            state = (state.now + 1, max(state.most, state.now + 1), state.begun + 1)
            return state.begun
        }
        defer { state.withLock { $0.now -= 1 } }
        ready()
        guard number == 1 else { return await stop.wait() }
        await withCheckedContinuation { continuation in
            let observation = isOver.onFire { continuation.resume() }
            withExtendedLifetime(observation) {}
        }
    }
}

private struct ClingingKind: EntryKind {
    static let name: KindName = "test.clinging"
    static let summary = "Has a service that ignores its cancellation."
    static let role: ServiceRole? = .server
    let service: Clinging

    func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig(from: &fields) }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .service(service) }
}

/// A project of queues that runs, and takes other definitions while it does.
private struct RunningProject {
    let folder: TemporaryFolder
    let program: Program
    let environment: RuntimeEnvironment
    let registry = Registry()
    let supervisor: Supervisor

    init(
        _ entries: String, _ bodies: [String: @Sendable (Delivery) async throws -> Void], log: Log = .silent,
        clock: any RuntimeClock = SystemClock(), clinging: Clinging = Clinging()
    ) throws {
        folder = try TemporaryFolder()
        let kinds: [any EntryKind] = [
            WorkKind(bodies: bodies), PlainDriverKind(), MarkedDriverKind(), LateDriverKind(), StuckKind(),
            ServerKind(), ClingingKind(service: clinging), AnnouncedQueueKind(),
        ]
        program = Program(kinds: KindCatalog(QueueKinds.all + kinds))
        environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: clock, log: log, metrics: Metrics())
        let graph = try registry.begin(try Self.plan(of: entries, in: folder, program), in: environment)
        supervisor = Supervisor(try #require(graph), environment: environment, shutdownTimeout: .seconds(10))
    }

    private static func plan(of entries: String, in folder: TemporaryFolder, _ program: Program) throws -> Plan {
        try folder.write("version: \"1.0\"\nnamespace: app\nentries:\n\(entries)", to: "src/_index.yaml")
        let checked = CheckedProject(at: folder.path, in: program)
        try checked.report.throwIfInvalid()
        return checked.plan
    }

    func apply(_ entries: String) async throws -> PlanChange {
        try await registry.apply(
            try Self.plan(of: entries, in: folder, program), in: environment, by: supervisor)
    }

    func queue(_ name: String = "tasks") throws -> MemoryQueue {
        let target = registry.link(to: .app(name), as: .queue)?.target
        return try #require(target?.ability(PlainQueue.self)?.queue ?? target?.ability(MemoryQueue.self))
    }

    func count(of name: String) -> Int {
        environment.metrics.counts.filter { $0.key.name == name }.map(\.value).reduce(0, +)
    }

    /// Runs the project for as long as the test needs it.
    func run(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await supervisor.run() }
            defer { supervisor.stop() }
            try await eventually { hasStarted }
            try await body()
        }
    }

    private var hasStarted: Bool {
        let phases = supervisor.phases
        return phases.contains { if case .running = $0 { true } else { false } }
            && phases.allSatisfy {
                switch $0 {
                case .idle, .running: true
                default: false
                }
            }
    }
}

@Suite("A running project takes changed queues and consumers", .timeLimit(.minutes(15)))
struct QueueReloadTests {
    /// The entries of a project with one queue and one consumer.
    private func entries(
        driver: String = "memory", queue: String = "", concurrency: Int = 1, prefetch: Int = 10,
        function: String = "work", more: String = ""
    ) -> String {
        """
          - {name: memory, kind: queue.driver.memory}
          - {name: second, kind: queue.driver.memory}
          - {name: plain, kind: test.driver.plain}
          - {name: dead, kind: queue.queue, driver: memory, driver_options: {memory: {max_length: 1000000}}}
          - {name: work, kind: test.work}
          - {name: other, kind: test.work, body: other}
          - {name: tasks, kind: queue.queue, driver: \(driver)\(queue.isEmpty ? "" : ", \(queue)")}
          - {name: consumer, kind: queue.consumer, queue: tasks, func: \(function), \
        concurrency: \(concurrency), prefetch: \(prefetch), lifecycle: {auto_start: true}}
        \(more)
        """
    }

    @Test("A schedule takes every field in place, and what it has published before is none of the new one's")
    func schedule() async throws {
        let clock = AdvanceableClock()
        func entries(_ schedule: String) -> String {
            self.entries(
                more: """
                      - {name: kept, kind: queue.queue, driver: memory}
                      - {name: tick, kind: queue.schedule, lifecycle: {auto_start: true}, \(schedule)}
                    """)
        }
        let project = try RunningProject(
            entries("queue: dead, every: 7200h, body: 1"), ["work": { _ in }, "other": { _ in }], clock: clock)
        try await project.run {
            let (dead, kept) = (try project.queue("dead"), try project.queue("kept"))
            clock.advance(by: .seconds(7200 * 3600))
            try await eventually { dead.count.ready == 1 }
            let change = try await project.apply(
                entries("queue: kept, every: 3600h, missed: all, body: 2"))
            #expect(change.outcome == .applied && change.ended == [])
            clock.advance(by: .seconds(10 * 3600 * 3600))
            try await eventually { kept.count.ready == 10 }
            #expect(dead.count.ready == 1)
        }
    }

    @Test("Number of workers, function, settings and driver change, and the consumer is not stopped for it")
    func inPlace() async throws {
        let gate = OneShotEvent()
        let bodies = Shared<[String]>([])
        let project = try RunningProject(
            entries(),
            [
                "work": { delivery in
                    bodies.update { $0.append("work \(delivery.number)") }
                    await gate.wait()
                    try Task.checkCancellation()
                },
                "other": { delivery in bodies.update { $0.append("other \(delivery.number)") } },
            ])
        try await project.run {
            let queue = try project.queue()
            for number in 0..<6 { try await queue.publish(.number(number)) }
            try await eventually { bodies.value.count == 1 }
            let more = try await project.apply(entries(concurrency: 3))
            #expect(more.outcome == .applied && more.ended == [])
            try await eventually { bodies.value.count == 3 }
            let all = try await project.apply(
                entries(
                    driver: "second",
                    queue: "publish_timeout: 0s, driver_options: {memory: {max_length: 3}}, "
                        + "dead_letter: {queue: dead, max_attempts: 2}",
                    concurrency: 1, function: "other"))
            #expect(all.outcome == .applied && all.ended == [])
            #expect(try project.queue() === queue)
            #expect(queue.count == MessageCount(ready: 3, delayed: 0, claimed: 3))
            await #expect(throws: WippyError.self) { try await queue.publish(.number(9)) }
            gate.fire()
            try await eventually { project.count(of: "messages.handled") == 6 }
        }
        #expect(bodies.value.prefix(3).sorted() == ["work 0", "work 1", "work 2"])
        #expect(bodies.value.suffix(3) == ["other 3", "other 4", "other 5"])
        #expect(project.count(of: "messages.failed") == 0)
    }

    @Test("Another prefetch builds the consumer anew, with what it holds handled first")
    func builtAnew() async throws {
        let project = try RunningProject(entries(), ["work": { _ in }, "other": { _ in }])
        try await project.run {
            let queue = try project.queue()
            for number in 0..<6 { try await queue.publish(.number(number)) }
            let change = try await project.apply(entries(prefetch: 3))
            #expect(change.outcome == .applied && change.ended == [.app("consumer")])
            try await eventually { project.count(of: "messages.handled") == 6 }
        }
    }

    @Test("A queue's driver in memory goes or is built anew, and the queue goes on")
    func driverGoes() async throws {
        let lines = LogRecorder()
        func entries(_ driver: String) -> String {
            "  - {\(driver)}\n  - {name: tasks, kind: queue.queue, driver: memory}"
        }
        let project = try RunningProject(
            entries("name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}"), [:], log: Log(to: lines))
        try await project.run {
            let queue = try project.queue()
            for number in 0..<6 { try await queue.publish(.number(number)) }
            let again = try await project.apply(
                entries("name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true, stop_timeout: 3s}"))
            #expect(again.outcome == .applied)
            let moved = try await project.apply(
                "  - {name: new, kind: queue.driver.memory, lifecycle: {auto_start: true}}\n  - {name: tasks, kind: queue.queue, driver: new}"
            )
            #expect(moved.outcome == .applied && moved.ended == [.app("memory")])
            #expect(try project.queue() === queue)
            #expect(queue.count.ready == 6)
            try await queue.publish(.number(6))
            #expect(!lines.records.contains { $0.message.hasPrefix("messages are left") })
        }
        let left = lines.records.filter { $0.message.hasPrefix("messages are left") }
        #expect(left.map { $0.metadata["count"] } == [7])
    }

    @Test(
        "A change of a field that the driver names builds the queue anew, and any other one is made in place",
        arguments: [
            ("retry: {max_delay: 1m}", true), ("publish_timeout: 0s", true), ("queue_name: 'app:tasks'", true),
            ("queue_name: other", false), ("codec: other", false),
            ("driver_options: {marked: {shards: 2}}", false), ("driver: other", false),
        ])
    func namedFields(change: String, isInPlace: Bool) async throws {
        for kind in ["queue.queue", "queue.announced"] {
            try await check(change, isInPlace, kind: kind)
        }
    }

    @Test("A kind of queues from outside decides about its own fields")
    func ownField() async throws {
        try await check("announcement: there", false, kind: "queue.announced")
    }

    private func check(_ change: String, _ isInPlace: Bool, kind: String) async throws {
        func entries(_ fields: String) -> String {
            """
              - {name: marked, kind: test.driver.marked, lifecycle: {auto_start: true}}
              - {name: other, kind: test.driver.marked, lifecycle: {auto_start: true}}
              - {name: tasks, kind: \(kind), \(fields.hasPrefix("driver:") ? "" : "driver: marked, ")\(fields)}
            """
        }
        let project = try RunningProject(entries("publish_timeout: 1s"), [:])
        try await project.run {
            let queue = try project.queue()
            #expect(try await project.apply(entries(change)).outcome == .applied)
            #expect(try (project.queue() === queue) == isInPlace, "\(kind)")
        }
    }

    @Test("A driver of another sort is refused while there are messages")
    func anotherSort() async throws {
        let gate = OneShotEvent()
        let project = try RunningProject(entries(), ["work": { _ in await gate.wait() }, "other": { _ in }])
        try await project.run {
            let queue = try project.queue()
            try await queue.publish(.number(0))
            try await queue.publish(.number(1))
            try await eventually { queue.count.claimed == 1 }
            let refused = try await project.apply(entries(driver: "plain", concurrency: 4))
            #expect(
                refused.outcome
                    == .refused(
                        "the reload would remove the queue app:tasks, which holds 2 messages; it must be empty first"))
            #expect(queue.count == MessageCount(ready: 1, delayed: 0, claimed: 1))
            #expect(try project.queue() === queue)
            gate.fire()
            try await eventually { project.count(of: "messages.handled") == 2 }
            let change = try await project.apply(entries(driver: "plain", concurrency: 4))
            #expect(change.outcome == .applied)
            #expect(try project.queue() !== queue)
            // The consumer has gone over to the new one.
            #expect(change.ended.contains(.app("consumer")))
            try await project.queue().publish(.number(2))
            try await eventually { project.count(of: "messages.handled") == 3 }
        }
    }

    @Test("A message that comes between the last count and the new plan has that one taken back, and is there")
    func lateMessage() async throws {
        let project = try RunningProject(quiet("test.driver.late"), [:])
        try await project.run {
            let link = try #require(project.registry.link(to: .app("tasks"), as: .queue))
            let change = try await project.apply(quiet("test.driver.plain"))
            #expect(
                change.outcome
                    == .takenBack(
                        "the reload would remove the queue app:tasks, which holds 1 messages; it must be empty first"))
            #expect(link.target.ability(LateQueue.self) != nil)
            #expect(try await link.target.count.total == 1)
            let again = try await link.target.subscribe(prefetch: 1)
            let delivery = try #require(try await again.next())
            try await again.settle(delivery, .acknowledged)
            #expect(try await project.apply(quiet("test.driver.plain")).outcome == .applied)
            #expect(link.target.ability(PlainQueue.self) != nil)
        }
    }

    /// The entries of a project with one queue and nobody who takes from it.
    private func quiet(_ driver: String, more: String = "") -> String {
        "  - {name: driver, kind: \(driver), lifecycle: {auto_start: true}}\n"
            + "  - {name: tasks, kind: queue.queue, driver: driver}\n\(more)"
    }

    @Test("A message that comes while services stop has the plan taken back, and only what ran before has ended")
    func messageWhileStopping() async throws {
        let old = quiet("test.driver.late, manner: before 2") + quietServer
        let project = try RunningProject(old, [:])
        try await project.run {
            let link = try #require(project.registry.link(to: .app("tasks"), as: .queue))
            let change = try await project.apply(quiet("test.driver.plain"))
            #expect(
                change.outcome
                    == .takenBack(
                        "the reload would remove the queue app:tasks, which holds 1 messages; it must be empty first"))
            #expect(change.ended == [.app("server")])
            #expect(change.version == 1)
            #expect(link.target.ability(LateQueue.self) != nil)
            try await eventually { project.supervisor.states[.app("server")] == .running }
        }
    }

    private var quietServer: String { "  - {name: server, kind: test.server, lifecycle: {auto_start: true}}\n" }

    @Test("A plan by which a queue would go whose messages nobody can count is refused")
    func countFails() async throws {
        let project = try RunningProject(quiet("test.driver.late, manner: unknown"), [:])
        try await project.run {
            let change = try await project.apply(quiet("test.driver.plain"))
            let reason =
                "the reload would remove the queue app:tasks, whose number of messages is unknown (nobody knows); "
                + "it must be empty first"
            #expect(change.outcome == .refused(reason))
            #expect(change.ended == [])
        }
    }

    @Test(
        "What a queue got that a plan brought which is taken back is told to be lost, even if nobody can count it",
        arguments: [
            ("before 1", "1 messages that app:fresh got in the meantime are lost"),
            (
                "unknown",
                "messages that app:fresh got in the meantime are lost; their number is unknown (nobody knows)"
            ),
        ])
    func lostMessages(manner: String, loss: String) async throws {
        let project = try RunningProject(quiet("test.driver.plain"), [:])
        try await project.run {
            let more = """
                  - {name: late, kind: test.driver.late, manner: \(manner), lifecycle: {auto_start: true}}
                  - {name: fresh, kind: queue.queue, driver: late}
                  - {name: stuck, kind: test.stuck, lifecycle: {auto_start: true}}
                """
            let change = try await project.apply(quiet("test.driver.plain", more: more))
            #expect(change.outcome == .takenBack("app:stuck: stuck; \(loss)"))
            #expect(change.ended == [])
        }
    }

    @Test("A stop interrupts a change that waits for what it has brought")
    func interrupted() async throws {
        let project = try RunningProject(quiet("test.driver.plain"), [:])
        try await project.run {
            let more = "  - {name: stuck, kind: test.stuck, body: waits, lifecycle: {auto_start: true}}"
            async let change = project.apply(quiet("test.driver.plain", more: more))
            try await eventually { project.supervisor.states[.app("stuck")] == .starting }
            project.supervisor.stop()
            #expect(try await change.outcome == .interrupted)
        }
    }

    @Test("A plan is refused while another one is being applied")
    func appliedAtOnce() async throws {
        let project = try RunningProject(quiet("test.driver.plain"), [:])
        try await project.run {
            let more = "  - {name: stuck, kind: test.stuck, body: waits, lifecycle: {auto_start: true}}"
            async let first = project.apply(quiet("test.driver.plain", more: more))
            try await eventually { project.supervisor.states[.app("stuck")] == .starting }
            let second = try await project.apply(quiet("test.driver.plain"))
            #expect(second.outcome == .refused("another plan is being applied"))
            #expect(second.ended == [])
            project.supervisor.stop()
            #expect(try await first.outcome == .interrupted)
        }
    }

    @Test("A plan that is taken back brings back the settings, the driver and the number of workers")
    func takenBack() async throws {
        let gate = OneShotEvent()
        let inside = Counter()
        let project = try RunningProject(
            entries(concurrency: 2),
            [
                "work": { _ in
                    inside.add()
                    await gate.wait()
                }, "other": { _ in },
            ])
        try await project.run {
            let queue = try project.queue()
            let before = queue.settings
            let change = try await project.apply(
                entries(
                    driver: "second", queue: "driver_options: {memory: {max_length: 1}}", concurrency: 5,
                    function: "other", more: "  - {name: stuck, kind: test.stuck, lifecycle: {auto_start: true}}"))
            guard case .takenBack = change.outcome else {
                Issue.record("\(change.outcome)")
                return
            }
            #expect(queue.settings.driver === before.driver)
            #expect(queue.settings.maxLength == 1000)
            for number in 0..<6 { try await queue.publish(.number(number)) }
            try await eventually { inside.value == 2 }
            #expect(queue.count == MessageCount(ready: 4, delayed: 0, claimed: 2))
            gate.fire()
            try await eventually { inside.value == 6 }
        }
    }

    @Test(
        "A service that was abandoned runs again when its run has ended, if the plan is taken back",
        arguments: [true, false])
    func abandoned(isRequired: Bool) async throws {
        let clinging = Clinging()
        let old = """
              - name: clinging
                kind: test.clinging
                lifecycle:
                  auto_start: true
                  startup: \(isRequired ? "required" : "optional")
                  stop_timeout: 10ms
                  restart: {initial_delay: 10ms, max_delay: 10ms}
            """
        let project = try RunningProject(old, [:], clinging: clinging)
        try await project.run {
            let change = try await project.apply("  - {name: stuck, kind: test.stuck, lifecycle: {auto_start: true}}")
            #expect(change.outcome == .takenBack("app:stuck: stuck"))
            #expect(change.ended == [.app("clinging")])
            try await eventually {
                if case .failed = project.supervisor.states[.app("clinging")] { true } else { false }
            }
            #expect(clinging.begun == 1)
            clinging.isOver.fire()
            try await eventually { project.supervisor.states[.app("clinging")] == .running }
            #expect(clinging.begun == 2 && clinging.most == 1)
        }
    }

    @Test("All settings change at random under load, and nothing is lost", arguments: 0..<4)
    func random(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let (accepted, handled) = (Counter(), Counter())
        let gauge = Shared((now: 0, most: 0))
        let work = { @Sendable (delivery: Delivery) async throws in
            gauge.update { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            await Task.yield()
            gauge.update { $0.now -= 1 }
            try Task.checkCancellation()
            if delivery.number % 5 == 0 { throw WippyError(.internal, "no") }
            handled.add()
        }
        let project = try RunningProject(entries(), ["work": work, "other": work])
        try await project.run {
            let (queue, dead) = (try project.queue(), try project.queue("dead"))
            try await publishing(to: queue, from: 4, counting: accepted) {
                for round in 0..<100 {
                    let deadLetters =
                        ", dead_letter: {queue: dead, max_attempts: \(Int.random(in: 1...3, using: &random))}"
                    let change = try await project.apply(
                        entries(
                            driver: ["memory", "second"].randomElement(using: &random) ?? "memory",
                            queue: "publish_timeout: \(["0s", "1ms", "10s"].randomElement(using: &random) ?? "0s"), "
                                + "driver_options: {memory: {max_length: \(Int.random(in: 1...40, using: &random))}}, "
                                + "retry: {initial_delay: \(Int.random(in: 1...3, using: &random))ms, max_delay: 4ms}"
                                + (Bool.random(using: &random) ? deadLetters : ""),
                            concurrency: .random(in: 1...8, using: &random),
                            prefetch: round % 20 == 19 ? .random(in: 1...5, using: &random) : 10,
                            function: Bool.random(using: &random) ? "work" : "other"))
                    #expect(change.outcome == .applied)
                    let before = accepted.value
                    try await eventually { accepted.value > before || queue.count.ready + queue.count.delayed > 0 }
                }
                let last = try await project.apply(
                    entries(
                        queue: "retry: {initial_delay: 1ms}, dead_letter: {queue: dead, max_attempts: 1}",
                        concurrency: 4))
                #expect(last.outcome == .applied)
            }
            try await eventually { queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0) }
            #expect(handled.value + dead.count.ready == accepted.value)
            #expect(accepted.value > 0)
        }
        #expect(gauge.value.most <= 8)
        #expect(project.count(of: "messages.handled") == handled.value)
    }
}
