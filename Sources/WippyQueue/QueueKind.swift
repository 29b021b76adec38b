import WippyDefinition
import WippyRuntime

/// `queue.queue`: keeps messages, by its driver, until a handler has done its work.
struct QueueKind: EntryKind {
    static let name: KindName = "queue.queue"
    static let summary = "Keeps messages until a handler has done its work, and tries again what failed."

    struct Config: EntryConfig {
        let driver: Reference<any QueueDriver>
        let queueName: String?
        let codec: String
        let retry: QueueRetry
        let publishTimeout: Duration
        let deadLetterQueue: Reference<any MessageQueue>?
        let deadLetterMaxAttempts: Int
        let memoryMaxLength: Int

        init(from fields: inout FieldReader) {
            driver = fields.reference("driver", .queueDriver, "The driver that keeps the messages.")
            queueName = fields.optional(
                "queue_name",
                "The queue's name at a broker; the entry's own unless written. In memory it has no effect.")
            codec = fields.optional(
                "codec", default: "json/plain",
                "How a driver that stores bodies outside the process writes them. In memory it has no effect.")
            retry = QueueRetry(from: &fields)
            publishTimeout = fields.optional(
                "publish_timeout", default: .seconds(5), in: .zero ... .seconds(86_400),
                "How long a publisher waits for room before it is told that there is none; 0s refuses it at once.")
            deadLetterQueue = fields.optionalReference(
                "dead_letter.queue", .queue,
                "Where a message goes after 'dead_letter.max_attempts'; without it, it is tried for ever.")
            deadLetterMaxAttempts = fields.optional(
                "dead_letter.max_attempts", default: 5, in: 1...1_000_000,
                "How often a message is tried if there is a 'dead_letter.queue'.")
            memoryMaxLength = fields.optional(
                "driver_options.memory.max_length", default: 1000, in: 1...10_000_000,
                "How many messages may be ready before publishers wait, and how many may wait for their next attempt.")
            fields.ignored("driver_options.amqp", because: "it is for a driver that is not there")
            fields.ignored("driver_options.sqs", because: "it is for a driver that is not there")
        }
    }

    func offers(_ entry: Entry<Config>) -> [Offer<any MessageQueue>] {
        [Offer(.queue) { $0 }]
    }

    func check(_ entry: Entry<Config>, in plan: LinkContext) -> [Diagnostic] {
        guard entry.config.deadLetterQueue?.id == entry.id else { return [] }
        return [
            entry.error(
                "dead_letter.queue", "names the queue itself; name another one, or leave it out to try for ever")
        ]
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<any MessageQueue> {
        let config = entry.config
        let deadLetters = try config.deadLetterQueue.map { reference in
            DeadLetterSettings(
                id: reference.id, queue: try context.resolve(reference), maxAttempts: config.deadLetterMaxAttempts)
        }
        let settings = QueueSettings(
            name: config.queueName, codec: config.codec, retry: config.retry, publishTimeout: config.publishTimeout,
            deadLetters: deadLetters, memoryMaxLength: config.memoryMaxLength)
        return .component(try context.resolve(config.driver).target.makeQueue(entry.id, settings: settings))
    }
}
