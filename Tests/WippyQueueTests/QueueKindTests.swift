import Testing
import WippyDefinition
import WippyLog
import WippyTesting
import WippyText

@testable import WippyMessaging
@testable import WippyQueue
@testable import WippyRuntime

/// A value of a definition file, as a literal.
private enum Yaml: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByDictionaryLiteral
{
    case plain(String)
    case map([(String, Yaml)])

    init(stringLiteral value: String) { self = .plain(value) }
    init(integerLiteral value: Int) { self = .plain("\(value)") }
    init(floatLiteral value: Double) { self = .plain("\(value)") }
    init(dictionaryLiteral elements: (String, Yaml)...) { self = .map(elements) }

    var node: Node {
        let content: Node.Content =
            switch self {
            case .plain(let text): .scalar(Scalar(text, style: .plain))
            case .map(let pairs):
                .mapping(pairs.map { Node.Pair(key: $0.0, keyLocation: Self.place, value: $0.1.node) })
            }
        return Node(content, at: Self.place)
    }

    static let place = Location(file: "src/_index.yaml", line: 1, column: 1)
}

extension EntryDeclaration {
    fileprivate convenience init(_ name: String, _ kind: KindName, _ fields: Yaml) {
        self.init(
            id: .app(name), kind: kind.description, kindLocation: Yaml.place, location: Yaml.place,
            meta: Node(.mapping([]), at: Yaml.place), data: fields.node)
    }
}

/// A function entry of the tests: keeps what it gets.
private struct KeepKind: EntryKind {
    static let name: KindName = "test.keep"
    static let summary = "Keeps the bodies of messages."
    let bodies: Shared<[Int]>

    func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig(from: &fields) }

    func offers(_ entry: Entry<NoConfig>) -> [Offer<ClosureFunction>] { [Offer(.messageFunction) { $0 }] }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<ClosureFunction> {
        .component(
            ClosureFunction { [bodies] delivery in
                bodies.update { $0.append(delivery.number) }
                if delivery.number < 0 { throw WippyError(.internal, "negative") }
            })
    }
}

@Suite("The fields of the queue's kinds")
struct QueueKindTests {
    private func read<Kind: EntryKind>(_ kind: Kind, _ fields: Yaml) -> (config: Kind.Config, problems: [String]) {
        var reader = FieldReader(EntryDeclaration("tasks", Kind.name, fields))
        let program = Program(kinds: KindCatalog(QueueKinds.all + [AbsentKinds(["queue.driver.amqp"])]))
        let config = kind.config(from: &reader, in: program)
        return (config, reader.finish().map { "\($0.severity.rawValue): \($0.message)" })
    }

    private func memoryOptions(_ config: QueueKind.Config) -> MemoryQueueDriver.Options {
        config.setup.options.options(of: QueueDriverMemoryKind.name)
    }

    @Test("A queue needs its driver and nothing else")
    func queueDefaults() {
        let (config, problems) = read(QueueKind(), ["driver": "memory"])
        #expect(problems == [])
        #expect(config.setup.driver.id == .app("memory"))
        #expect(config.setup.settings.name == nil)
        #expect(config.setup.settings.codec == "json/plain")
        #expect(config.setup.settings.retry == .standard)
        #expect(config.setup.settings.publishTimeout == .seconds(5))
        #expect(config.setup.settings.deadLetterQueue == nil)
        #expect(config.setup.settings.deadLetterMaxAttempts == 5)
        #expect(memoryOptions(config).maxLength == 1000)
        #expect(
            read(QueueKind(), [:]).problems == ["error: missing field 'driver': the driver that keeps the messages"])
    }

    @Test("Every field of a queue can be written")
    func queueFields() {
        let (config, problems) = read(
            QueueKind(),
            [
                "driver": "other:memory", "queue_name": "jobs", "codec": "application/msgpack",
                "retry": ["initial_delay": "1s", "max_delay": "1m", "backoff_factor": 1.5, "jitter": 0],
                "publish_timeout": "0s", "dead_letter": ["queue": "dead", "max_attempts": 2],
                "driver_options": ["memory": ["max_length": 10_000_000]],
            ])
        #expect(problems == [])
        #expect(config.setup.driver.id == EntryID(namespace: "other", name: "memory"))
        #expect(config.setup.settings.name == "jobs")
        #expect(config.setup.settings.codec == "application/msgpack")
        #expect(
            config.setup.settings.retry
                == QueueRetry(initialDelay: .seconds(1), maxDelay: .seconds(60), backoffFactor: 1.5, jitter: 0))
        #expect(config.setup.settings.publishTimeout == .zero)
        #expect(config.setup.settings.deadLetterQueue?.id == .app("dead"))
        #expect(config.setup.settings.deadLetterMaxAttempts == 2)
        #expect(memoryOptions(config).maxLength == 10_000_000)
    }

    @Test("What is out of range is named with its range")
    func queueRanges() {
        let (_, problems) = read(
            QueueKind(),
            [
                "driver": "memory", "publish_timeout": "-1s", "dead_letter": ["max_attempts": 0],
                "retry": ["initial_delay": "0s", "max_delay": "0s", "backoff_factor": 0.5, "jitter": 2],
                "driver_options": ["memory": ["max_length": 0]],
            ])
        #expect(
            Set(problems) == [
                "error: 'retry.initial_delay' must be 1ms through 24h, got '0s'",
                "error: 'retry.max_delay' must be 1ms through 24h, got '0s'",
                "error: 'retry.backoff_factor' must be 1 through 100, got 0.5",
                "error: 'retry.jitter' must be 0 through 1, got 2",
                "error: 'publish_timeout' must be 0s through 24h, got '-1s'",
                "error: 'dead_letter.max_attempts' must be 1 through 1000000, got 0",
                "warning: 'dead_letter.max_attempts' has no effect: 'dead_letter.queue' is missing",
                "error: 'driver_options.memory.max_length' must be 1 through 10000000, got 0",
            ])
    }

    @Test("A first delay that is longer than the longest is reduced, and a warning says so")
    func delaysOrder() {
        let (_, problems) = read(QueueKind(), ["driver": "memory", "retry": ["initial_delay": "1m"]])
        #expect(problems == ["warning: 'retry.initial_delay' is reduced to 'retry.max_delay', 30s"])
    }

    @Test("Options of other drivers are accepted with a warning, whatever they are")
    func otherDrivers() {
        let (_, problems) = read(
            QueueKind(), ["driver": "memory", "driver_options": ["amqp": ["durable": "true", "message_ttl": "1h"]]])
        #expect(
            problems == ["warning: 'driver_options.amqp' has no effect: this version does not have that driver"])
    }

    @Test("A queue cannot be its own dead-letter queue")
    func deadLettersToItself() {
        func problems(_ queue: Yaml) -> [String] {
            read(QueueKind(), ["driver": "memory", "dead_letter": ["queue": queue]]).problems
        }
        #expect(
            problems("tasks") == [
                "error: 'dead_letter.queue' names the queue itself; name another queue, or leave the field out to try "
                    + "messages for ever"
            ])
        #expect(problems("others") == [])
    }

    @Test("A consumer needs a queue and a function, and its numbers have ranges")
    func consumerFields() {
        let (config, problems) = read(QueueConsumerKind(), ["queue": "tasks", "func": "work"])
        #expect(problems == [])
        #expect(config.queue.id == .app("tasks"))
        #expect(config.function.id == .app("work"))
        #expect(config.concurrency == 1)
        #expect(config.prefetch == 10)
        let wrong = read(
            QueueConsumerKind(),
            ["queue": "tasks", "func": "work", "concurrency": 1001, "prefetch": 0, "auto_ack": "true"])
        #expect(
            Set(wrong.problems) == [
                "error: 'concurrency' must be 1 through 1000, got 1001",
                "error: 'prefetch' must be 1 through 10000, got 0",
                "warning: 'auto_ack' has no effect: a message is acknowledged when its handler has done its work",
            ])
        #expect(
            Set(read(QueueConsumerKind(), ["driver_options": ["amqp": ["exclusive": "true"]]]).problems) == [
                "error: missing field 'queue': the queue to take messages from",
                "error: missing field 'func': the function to call for each message",
                "warning: 'driver_options' has no effect: no driver has options for a consumer",
            ])
    }

    @Test("A catalogue takes the three kinds: their names, summaries and help are as they must be")
    func catalogue() {
        let catalog = KindCatalog([QueueDriverMemoryKind(), QueueKind(), QueueConsumerKind()])
        #expect(catalog.names == ["queue.consumer", "queue.driver.memory", "queue.queue"])
        #expect(catalog.manual.map(\.role) == [.consumer, .resource, nil])
    }

    @Test("The entries of a plan, built and run: what is published is handled, what fails is a dead letter")
    func plan() async throws {
        let bodies = Shared<[Int]>([])
        var report = Report()
        func planned(_ name: String, _ kind: some EntryKind, _ fields: Yaml) -> PlannedEntry {
            PlannedEntry(
                EntryDeclaration(name, type(of: kind).name, fields), kind: kind,
                in: Program(kinds: KindCatalog(QueueKinds.all)), isLenient: false, report: &report)
        }
        let plan = Plan(entries: [
            planned("memory", QueueDriverMemoryKind(), [:]),
            planned("dead", QueueKind(), ["driver": "memory"]),
            planned(
                "tasks", QueueKind(), ["driver": "memory", "dead_letter": ["queue": "dead", "max_attempts": 2]]),
            planned("work", KeepKind(bodies: bodies), [:]),
            planned("consumer", QueueConsumerKind(), ["queue": "tasks", "func": "work", "concurrency": 3]),
        ])
        #expect(report.diagnostics.isEmpty)
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics())
        let builder = ComponentBuilder(plan: plan, environment: environment)
        let slots = try builder.buildAll().slots
        let queue = try builder.link(to: .app("tasks"), as: .queue, for: .app("test")).target
        let dead = try #require(
            try builder.link(to: .app("dead"), as: .queue, for: .app("test")).target.ability(MemoryQueue.self))
        let driver = try #require(slots[.app("memory")]?.built.service)
        let consumer = try #require(slots[.app("consumer")]?.built.service)
        try await running(AnyService(service: driver)) { _ in
            try await running(AnyService(service: consumer)) { _ in
                for number in -1...20 { try await queue.publish(.number(number)) }
                try await eventually { dead.count.ready == 1 && bodies.value.count == 23 }
            }
        }
        #expect(bodies.value.sorted() == [-1, -1] + Array(0...20))
        let counts = environment.metrics.counts.filter { $0.key.name.hasPrefix("messages.") }
        #expect(
            Set(counts.map { "\($0.key.name) \($0.key.entry?.name ?? "") \($0.value)" }) == [
                "messages.handled consumer 21", "messages.failed consumer 2",
            ])
        #expect(environment.metrics.timings.map(\.value.count) == [23])
    }
}

private struct AnyService: ManagedService {
    let service: any ManagedService

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        try await service.run(ready: ready, stop: stop)
    }
}
