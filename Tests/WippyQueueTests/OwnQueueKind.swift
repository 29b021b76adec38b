import Wippy

/// `queue.announced`: a queue that logs each message that it accepts.
struct AnnouncedQueueKind: EntryKind {
    static let name: KindName = "queue.announced"
    static let summary = "A queue that logs each message that it accepts."
    static let metrics = MeasuredQueue.metrics

    struct Config: QueueConfig, Equatable {
        let setup: QueueSetup
        let announcement: String
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        Config(
            setup: QueueSetup(from: &fields, in: program),
            announcement: fields.optional("announcement", default: "accepted", "The text of the line in the log."))
    }

    func offers(_ entry: Entry<Config>) -> [Offer<AnnouncedQueue>] { .queue { $0 } }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<AnnouncedQueue> {
        let queue = try entry.config.setup.makeQueue(with: context)
        return .component(AnnouncedQueue(wrapped: queue, announcement: entry.config.announcement, log: context.log))
    }

    /// Has the driver change the queue in place, unless the announcement has changed.
    func update(
        _ built: Built<AnnouncedQueue>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        guard let queue = built.component, entry.config.announcement == old.config.announcement else { return nil }
        return try entry.config.setup.update(queue, from: old.config.setup, with: context)
    }

    func whenChanged(in program: Program) -> String? { QueueSetup.whenChanged(in: program) }
}

struct AnnouncedQueue: WrappingQueue {
    let wrapped: any MessageQueue
    let announcement: String
    let log: Log

    func didAccept(_ message: Message) { log.info("\(announcement)") }
}
