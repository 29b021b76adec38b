import WippyDefinition
import WippyMessaging
import WippyRuntime

/// `queue.driver.memory`: keeps the messages of queues in memory.
struct QueueDriverMemoryKind: QueueDriverKind {
    typealias Config = NoConfig

    static let name: KindName = "queue.driver.memory"
    static let summary =
        "Keeps the messages of queues in memory. It is fast, but messages are lost when the process ends."
    static let role: ServiceRole? = .resource

    func check(queue: Entry<QueueSettings>, options: MemoryQueueDriver.Options) -> [Diagnostic] {
        [QueueSettings.nameField, QueueSettings.codecField].filter(queue.isWritten).map { field in
            queue.warning(field, "has no effect: the queue's messages never leave the process")
        }
    }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<MemoryQueueDriver> {
        let environment = context.environment
        let driver = MemoryQueueDriver(clock: environment.clock, log: environment.log)
        return .component(driver, service: MemoryQueueService(driver: driver))
    }
}

/// Runs the timers of a driver's queues.
///
/// At its end, it logs the number of lost messages.
struct MemoryQueueService: ManagedService {
    let driver: MemoryQueueDriver

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async {
        await withTaskGroup { group in
            group.addTask { await driver.run(ready: ready) }
            await stop.wait()
            group.cancelAll()
        }
        driver.shut()
    }
}
