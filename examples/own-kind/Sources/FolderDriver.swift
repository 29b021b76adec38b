import Synchronization
import Wippy

/// `queue.driver.folder`: keeps each message in a file, so that the messages are kept when the program ends.
struct FolderDriverKind: QueueDriverKind {
    static let name: KindName = "queue.driver.folder"
    static let summary = "Keeps messages in files. It is meant for few messages that must not be lost."
    static let role: ServiceRole? = .resource

    struct Config: EntryConfig {
        let path: String

        init(from fields: inout FieldReader) {
            path = fields.optional("path", default: "./data", "The folder that holds a folder for each queue.")
        }
    }

    /// Reports settings that the driver does not support.
    func check(queue: Entry<QueueSettings>, options: FolderDriver.Options) -> [Diagnostic] {
        refuseOtherCodecs(of: queue) + refuseNamesOfNoFolder(of: queue)
    }

    /// Refuses a name that leads out of the driver's folder, or into a folder of another name.
    private func refuseNamesOfNoFolder(of queue: Entry<QueueSettings>) -> [Diagnostic] {
        guard let name = queue.config.name?.utf8,
            name.first == nil || name.first == UInt8(ascii: ".") || name.contains(UInt8(ascii: "/"))
        else { return [] }
        return [
            queue.error(
                QueueSettings.nameField,
                "must be the name of a folder: not empty, without '/', and without '.' at its beginning")
        ]
    }

    /// Refuses queues that would share a folder.
    ///
    /// Each of them would give the same files to its workers.
    func check(queuesOfOne queues: [Entry<QueueSettings>]) -> [Diagnostic] {
        queuesOfOneName(among: queues) { FolderDriver.folder(of: $0.id, $0.config) }.map { queue, other in
            queue.error(QueueSettings.nameField, "is also the name of the folder of '\(other.id)'")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<FolderDriver> {
        let driver = FolderDriver(path: entry.config.path, clock: context.environment.clock, log: context.log)
        return .component(driver, service: driver)
    }
}

/// Makes the queues.
///
/// They take messages while the driver's service runs.
final class FolderDriver: QueueDriver, ManagedService {
    /// The folder that holds a folder for each queue.
    let path: String
    private let clock: any RuntimeClock
    private let log: Log
    private let isRunning = Atomic(false)

    init(path: String, clock: any RuntimeClock, log: Log) {
        self.path = path
        self.clock = clock
        self.log = log
    }

    /// The fields under `driver_options.folder` of a queue.
    struct Options: EntryConfig {
        var maxMessages: Int

        init(from fields: inout FieldReader) {
            maxMessages = fields.optional(
                "max_messages", default: 1000, in: 1...100_000,
                "The number of messages that it holds before publishers wait.")
        }
    }

    /// Returns the name of a queue's folder.
    static func folder(of id: EntryID, _ settings: QueueSettings) -> String { settings.name ?? id.description }

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> FolderQueue {
        FolderQueue(
            id: id, folder: MessageFolder(path: "\(path)/\(Self.folder(of: id, settings))"),
            maxMessages: options.maxMessages, settings: settings, deadLetters: deadLetters, clock: clock,
            log: log.with(entry: id.description)
        ) { [self] in isRunning.load(ordering: .relaxed) }
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async {
        isRunning.store(true, ordering: .relaxed)
        ready()
        await stop.wait()
        isRunning.store(false, ordering: .relaxed)
    }
}
