import SQLiteGroups
import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTesting

@testable import WippySQLite

/// That the contracts fit a driver that reaches outside the process and may fail: one over a table of a database.
@Suite("A queue driver from outside, over a table", .timeLimit(.minutes(15)))
struct TableQueueTests {
    @Test("It keeps the contract")
    func contract() async throws {
        // Other tests may have the pool of threads for long.
        try await QueueDriverConformance(
            optionsOfOne: .one, limit: .seconds(240), failStorage: { $0.faults.strike($1 ? 1 : 0) }
        ) { environment, folder in
            TableQueueDriver.alone(file: "\(folder)/queue.db", environment)
        }.check()
    }

    @Test("It keeps the contract by the system's clock, too")
    func realTime() async throws {
        try await QueueDriverConformance(clock: SystemClock(), limit: .seconds(240)) { environment, folder in
            TableQueueDriver.alone(file: "\(folder)/queue.db", environment)
        }.check()
    }

    private let environment = RuntimeEnvironment(
        executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics())

    @Test("Its service keeps the contract of a service")
    func service() async throws {
        let folder = try TemporaryFolder()
        try await ManagedServiceConformance {
            TableQueueDriver.alone(file: "\(folder.path)/queue.db", environment).service
        }.check()
    }

    @Test("Each call that it is told to fail says so and changes nothing")
    func failsWhenTold() async throws {
        let folder = try TemporaryFolder()
        let faults = Faults()
        let (driver, service) = TableQueueDriver.alone(
            file: "\(folder.path)/queue.db", environment, faults: faults)
        let dead = driver.makeQueue(
            EntryID(namespace: "app", name: "dead"), settings: .standard, options: .standard, deadLetters: nil)
        var settings = QueueSettings.standard
        settings.deadLetterMaxAttempts = 1
        let queue = driver.makeQueue(
            EntryID(namespace: "app", name: "tasks"), settings: settings, options: .standard,
            deadLetters: DeadLetters(
                id: EntryID(namespace: "app", name: "dead"), queue: Link(dead), maxAttempts: 1))
        try await running(service) {
            try await queue.publish(Message(body: 1))
            try await queue.publish(Message(body: 2))
            let subscription = try await queue.subscribe(prefetch: 1)
            let delivery = try #require(try await subscription.next())
            faults.strike(1)
            let calls: [@Sendable () async throws -> Void] = [
                { _ = try await queue.publish(Message(body: 3)) }, { _ = try await queue.subscribe(prefetch: 1) },
                { _ = try await subscription.next() }, { _ = try await queue.count },
                { _ = try await subscription.settle(delivery, .acknowledged) },
                { _ = try await subscription.settle(delivery, .rejected(reason: "no")) },
                { _ = try await subscription.settle(delivery, .returned) },
            ]
            for call in calls {
                let error = await #expect(throws: WippyError.self) { try await call() }
                #expect(error?.isRetryable == true)
            }
            #expect(faults.count == calls.count)
            faults.strike(0)
            #expect(try await queue.count == MessageCount(ready: 1, delayed: 0, claimed: 1))
            try await subscription.settle(delivery, .rejected(reason: "no"))
            #expect(try await queue.count == MessageCount(ready: 1, delayed: 0, claimed: 0))
            #expect(try await dead.count == MessageCount(ready: 1, delayed: 0, claimed: 0))
        }
    }

    private static let index = """
        namespace: app
        entries:
          - {name: db, kind: db.sql.sqlite, file: FOLDER/queue.db, lifecycle: {auto_start: true}}
          - {name: driver, kind: queue.driver.table, db: db, lifecycle: {auto_start: true}}
          - {name: dead, kind: queue.queue, driver: driver}
          - name: tasks
            kind: queue.queue
            driver: driver
            retry: {initial_delay: 1ms}
            dead_letter: {queue: dead, max_attempts: 2}
            driver_options: {table: {max_length: 20}}
          - {name: work, kind: function.swift, handler: TableWork}
          - {name: one, kind: queue.consumer, queue: tasks, func: work, concurrency: 4, prefetch: 5, lifecycle: {auto_start: true}}
          - {name: two, kind: queue.consumer, queue: tasks, func: work, concurrency: 2, prefetch: 1, lifecycle: {auto_start: true}}

        """

    @Test("In an application whose driver fails at random nothing is lost, nothing runs twice, and a restart finds all")
    func application() async throws {
        let folder = try TemporaryFolder()
        let faults = Faults()
        let index = Self.index.replacing("FOLDER", with: folder.path)
        let kinds = [any ProgramPart].standard + [TableQueueDriverKind(faults: faults)]
        let application = try RunningApplication(index, [TableWork.self], kinds: kinds)
        try await eventually("the queue is there") { application.queue("tasks") != nil }
        let (tasks, dead) = (try #require(application.queue("tasks")), try #require(application.queue("dead")))
        faults.strikeInBursts(0.3)
        for number in 0..<200 {
            // A failure says that nothing was accepted.
            try await eventually { (try? await tasks.publish(Message(body: .integer(number)))) != nil }
        }
        try await eventually("every message is handled or a dead letter", within: .seconds(120)) {
            let counts = (try? await tasks.count, try? await dead.count)
            return counts.0 == MessageCount(ready: 0, delayed: 0, claimed: 0) && counts.1?.ready == 20
        }
        #expect(faults.count > 10)
        try await application.stop()
        let runs = TableWork.runs.withLock { $0 }
        for number in 0..<200 { #expect(runs[number] == (number.isMultiple(of: 10) ? 2 : 1), "message \(number)") }
        #expect(application.messages.contains("the queue's driver fails; the workers try again"))

        faults.strike(0)
        let again = try RunningApplication(index, [TableWork.self], kinds: kinds)
        try await eventually("the dead letters are there") { (try? await again.queue("dead")?.count.ready) == 20 }
        try await again.stop()
    }

    @Test(
        "The options of its queues are checked at their place, are no other driver's, and must be such as it can follow"
    )
    func options() throws {
        let folder = try TemporaryFolder()
        let index =
            Self.index.replacing("max_length: 20", with: "max_lenght: 20")
            + "  - {name: memory, kind: queue.driver.memory}\n"
            + "  - {name: other, kind: queue.queue, driver: memory, driver_options: {table: {max_length: 5}}}\n"
            + "  - {name: packed, kind: queue.queue, driver: driver, codec: application/msgpack}\n"
        try folder.write(index, to: "src/_index.yaml")
        let program = Program(
            handlers: HandlerTable([TableWork.self]),
            kinds: KindCatalog(.standard + [TableQueueDriverKind()]))
        let report = CheckedProject(at: folder.path, in: program).report
        let found = report.diagnostics.map(\.description).filter { $0.contains("table") }
        #expect(
            found == [
                """
                src/_index.yaml:11:30: error: app:tasks: unknown field 'driver_options.table.max_lenght'; did you mean \
                'driver_options.table.max_length'?
                """,
                """
                src/_index.yaml:16:91: warning: app:other: 'driver_options.table.max_length' has no effect: the \
                queue's driver is app:memory, a queue.driver.memory
                """,
                """
                src/_index.yaml:17:62: error: app:packed: 'codec' is 'application/msgpack', but a \
                queue.driver.table keeps bodies only as json/plain
                """,
            ])
    }
}

/// Fails for every tenth message.
private struct TableWork: MessageHandler {
    static let runs = Mutex<[Int: Int]>([:])

    private struct Failed: Error {}

    init(_ context: HandlerContext) {}

    func handle(_ body: Int, _ delivery: Delivery) async throws {
        Self.runs.withLock { $0[body, default: 0] += 1 }
        await Task.yield()
        if body.isMultiple(of: 10) { throw Failed() }
    }
}

extension RunningApplication {
    fileprivate func queue(_ name: String) -> (any MessageQueue)? {
        application.registry.link(to: EntryID(namespace: "app", name: name), as: .queue)?.target
    }
}

extension TableQueueDriver.Options {
    /// A queue that is full with one message.
    fileprivate static var one: Self {
        var options = Self.standard
        options.maxLength = 1
        return options
    }
}

extension TableQueueDriver {
    /// The driver with a database of its own, and the service of both.
    fileprivate static func alone(
        file: String, _ environment: RuntimeEnvironment, faults: Faults = Faults()
    ) -> (driver: TableQueueDriver, service: any ManagedService) {
        var settings = SQLiteSettings(path: file)
        // A transaction holds the writer while its task waits for a thread of the pool, which other tests share.
        (settings.busyTimeout, settings.transactionIdleTimeout) = (.seconds(3600), .seconds(3600))
        let database = SQLiteService(
            id: EntryID(namespace: "app", name: "db"), settings: settings, executors: environment.executors,
            log: .silent)
        let driver = TableQueueDriver(database: database, clock: environment.clock, faults: faults)
        return (driver, OrderedServices(database, driver))
    }
}

/// Runs a service until `body` has ended.
private func running(_ service: any ManagedService, _ body: () async throws -> Void) async throws {
    let (stop, isReady) = (StopSignal(), OneShotEvent())
    let run = Task { try await service.run(ready: { isReady.fire() }, stop: stop) }
    await isReady.wait()
    do {
        try await body()
    } catch {
        run.cancel()
        throw error
    }
    stop.fire()
    try await run.value
}
