import Wippy

/// `queue.driver.folder`: keeps each message in a file, so that it is there when the program starts again.
struct FolderDriverKind: QueueDriverKind {
    typealias Config = NoConfig

    static let name: KindName = "queue.driver.folder"
    static let summary =
        "Keeps the messages of queues in folders, one file each: for few messages that must not be lost."
    static let role: ServiceRole? = .resource

    func offers(_ entry: Entry<NoConfig>) -> [Offer<FolderDriver>] { [Offer(.queueDriver) { $0 }] }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<FolderDriver> {
        let driver = FolderDriver(clock: context.environment.clock)
        return .component(driver, service: driver)
    }
}

/// Makes the queues.
///
/// It has nothing open, so as a service it only waits: what uses it starts after it.
struct FolderDriver: QueueDriver, ManagedService {
    let clock: any RuntimeClock

    /// What stands below `driver_options.folder` in a queue.
    struct Options: EntryConfig {
        let path: String
        let maxMessages: Int

        init(from fields: inout FieldReader) {
            path = fields.optional(
                "path", default: "./data", "In which folder the queue has its own, which has its name.")
            maxMessages = fields.optional(
                "max_messages", default: 1000, in: 1...100_000, "How many messages it holds before publishers wait.")
        }
    }

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> FolderQueue {
        FolderQueue(
            id: id, folder: MessageFolder(path: "\(options.path)/\(settings.name ?? "\(id.name)")"),
            maxMessages: options.maxMessages, settings: settings,
            deadLetters: deadLetters, clock: clock)
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async {
        ready()
        await stop.wait()
    }
}
