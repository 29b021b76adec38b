import SQLiteGroups
import WippyDefinition
import WippyLog
import WippyQueue
import WippyRuntime
import WippySQL
import WippyTesting
import WippyValues

@testable import WippySQLQueue
@testable import WippySQLite

/// A durable queue driver with a database of its own, and the service of both.
struct SQLQueueBench {
    let database: SQLiteService
    let driver: SQLQueueDriver
    let service: any ManagedService

    init(
        file: String, durability: CommitDurability = .full,
        _ environment: RuntimeEnvironment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics())
    ) {
        database = SQLiteService(
            id: EntryID(namespace: "app", name: "db"), settings: SQLiteSettings(path: file),
            executors: environment.executors, log: .silent)
        driver = SQLQueueDriver(
            database: Link(database), durability: durability, environment: environment, log: environment.log)
        service = Together(first: database, second: driver)
    }

    /// Makes a queue of the driver.
    func queue(
        _ name: String = "tasks", _ settings: QueueSettings = .standard, maxLength: Int = 1000,
        retention: Duration = .zero, deadLetters: SQLQueue? = nil
    ) -> SQLQueue {
        var options = SQLQueueDriver.Options.standard
        options.maxLength = maxLength
        options.retention = retention
        let letters = deadLetters.map {
            DeadLetters(id: $0.id, queue: Link($0), maxAttempts: settings.deadLetterMaxAttempts)
        }
        return driver.makeQueue(
            EntryID(namespace: "app", name: name), settings: settings, options: options, deadLetters: letters)
    }

    /// Runs the services until `body` has ended.
    func running<Result>(_ body: () async throws -> Result) async throws -> Result {
        let (stop, isReady) = (StopSignal(), StopSignal())
        let service = service
        let run = Task {
            // Who waits for it is not to wait for ever.
            defer { isReady.fire() }
            try await service.run(ready: { isReady.fire() }, stop: stop)
        }
        await isReady.wait()
        do {
            let result = try await body()
            stop.fire()
            try await run.value
            return result
        } catch {
            run.cancel()
            throw error
        }
    }
}

/// Two services of which the second needs the first, as a supervisor runs them.
private struct Together: ManagedService {
    let first: any ManagedService
    let second: any ManagedService

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        try await withThrowingTaskGroup { group in
            let (isReady, isOver) = (StopSignal(), StopSignal())
            group.addTask { try await first.run(ready: { isReady.fire() }, stop: isOver) }
            group.addTask {
                defer { isOver.fire() }
                await isReady.wait()
                try await second.run(ready: ready, stop: stop)
            }
            try await group.waitForAll()
        }
    }
}
