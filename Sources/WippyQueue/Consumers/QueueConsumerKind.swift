import WippyDefinition
import WippyMessaging
import WippyRuntime

/// `queue.consumer`: calls a function once for each message of a queue.
struct QueueConsumerKind: EntryKind {
    static let name: KindName = "queue.consumer"
    static let summary =
        "Calls a function for each message of a queue. If the function fails, the message is tried again."
    static let role: ServiceRole? = .consumer

    private static let handled = Metric<Counter>(
        "messages.handled", of: "a consumer", unit: "messages", "Messages whose handler has done its work.")
    private static let failed = Metric<Counter>(
        "messages.failed", of: "a consumer", unit: "attempts", "Failed attempts.")
    private static let duration = Metric<MetricTimer>(
        "messages.duration", of: "a consumer", "The time of one attempt of the handler.")
    static let metrics = [handled.description, failed.description, duration.description]

    struct Config: EntryConfig {
        let queue: Base<any MessageQueue>
        let function: Reference<any MessageFunction>
        let concurrency: Int
        let prefetch: Int

        init(from fields: inout FieldReader) {
            queue = fields.base(
                "queue", .queue, meaning: .consumes, "The queue to take messages from.")
            function = fields.inPlace {
                $0.reference("func", .messageFunction, "The function to call for each message.")
            }
            concurrency = fields.inPlace {
                $0.optional("concurrency", default: 1, in: 1...1000, "The number of messages that are handled at once.")
            }
            prefetch = fields.optional(
                "prefetch", default: 10, in: 1...10_000,
                "The largest number of messages that are fetched at once. The queue's driver may fetch fewer.")
            fields.ignored("auto_ack", because: "a message is acknowledged when its handler has done its work")
            fields.ignored(QueueSettings.driverOptionsField, because: "no driver has options for a consumer")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> {
        let metrics = context.environment.metrics
        return .service(
            QueueConsumer(
                queue: try context.resolve(entry.config.queue),
                workers: ConsumerWorkers(try workers(of: entry, with: context)), prefetch: entry.config.prefetch,
                executors: context.environment.executors, clock: context.environment.clock, log: context.log,
                handled: metrics.counter(Self.handled, of: entry.id),
                failed: metrics.counter(Self.failed, of: entry.id),
                duration: metrics.timer(Self.duration, of: entry.id)))
    }

    /// Changes the number of workers or the function in place.
    ///
    /// A queue that is built anew needs a new subscription.
    func update(
        _ built: Built<Never>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        guard let consumer = built.service as? QueueConsumer, try context.goesOn(entry.config.queue) else { return nil }
        let workers = consumer.workers
        return Update(from: workers.settings, to: try self.workers(of: entry, with: context)) { workers.change(to: $0) }
    }

    private func workers(of entry: Entry<Config>, with context: BuildContext) throws -> ConsumerWorkers.Settings {
        ConsumerWorkers.Settings(
            concurrency: entry.config.concurrency, function: try context.resolve(entry.config.function))
    }
}
