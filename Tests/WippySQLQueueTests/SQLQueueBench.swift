import SQLiteGroups
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTesting
import WippyValues

@testable import WippySQLQueue
@testable import WippySQLite

extension SQLiteService {
    convenience init(path: String, executors: any ExecutorProvider = SharedPoolExecutors()) {
        var settings = SQLiteSettings(path: path)
        // A transaction holds the writer while its task waits for a thread of the pool, which other tests share.
        (settings.busyTimeout, settings.transactionIdleTimeout) = (.seconds(3600), .seconds(3600))
        self.init(
            id: EntryID(namespace: "app", name: "db"), settings: settings, executors: executors, log: .silent)
    }
}

/// A durable queue driver with a database of its own, and the service of both.
struct SQLQueueBench {
    /// The service of the database.
    let file: SQLiteService
    let database: any QueueDatabase
    let driver: SQLQueueDriver
    let service: any ManagedService

    init(
        file path: String, parameterStyle: SQLParameterStyle = .question, flaw: DollarDatabase.Flaw? = nil,
        clock: any RuntimeClock = SystemClock()
    ) {
        self.init(
            file: path, parameterStyle: parameterStyle, flaw: flaw,
            RuntimeEnvironment(executors: SharedPoolExecutors(), clock: clock, log: .silent, metrics: Metrics()))
    }

    init(
        file path: String, parameterStyle: SQLParameterStyle = .question, flaw: DollarDatabase.Flaw? = nil,
        _ environment: RuntimeEnvironment
    ) {
        file = SQLiteService(path: path, executors: environment.executors)
        database = parameterStyle == .dollar ? DollarDatabase(over: file, flaw: flaw) : file
        driver = SQLQueueDriver(
            database: Link(database), durability: .full, environment: environment, log: environment.log)
        service = OrderedServices(file, driver)
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
        let (stop, isReady) = (StopSignal(), OneShotEvent())
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
