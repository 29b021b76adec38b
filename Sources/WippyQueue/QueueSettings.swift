public import WippyDefinition
public import WippyRuntime

/// The settings of a queue for its driver.
public struct QueueSettings: EntryConfig {
    /// The queue's name at a broker or in a database; nil for the entry's id.
    public var name: String?

    /// How a driver writes a body that it stores as text or bytes.
    public var codec: String

    /// The codec that writes a body as the JSON of its value, without anything around it.
    public static let plainJSON = "json/plain"

    /// The field that names ``deadLetterQueue``.
    static let deadLetterField = "dead_letter.queue"

    /// The delays between attempts.
    public var retry: QueueRetry

    /// How long a publisher waits when the queue is full.
    public var publishTimeout: Duration

    /// The queue for dead letters; nil means that a message is tried for ever.
    public var deadLetterQueue: Reference<any MessageQueue>?

    /// How often a message is tried before it becomes a dead letter.
    public var deadLetterMaxAttempts: Int

    /// Reads the fields.
    public init(from fields: inout FieldReader) {
        name = fields.optional(
            "queue_name", defaultsTo: "the entry's id",
            "The queue's name at a broker or in a database. It has no effect in memory.")
        codec = fields.optional(
            "codec", default: Self.plainJSON,
            "How a driver writes bodies that it stores outside the process. It has no effect in memory.")
        retry = QueueRetry(from: &fields)
        publishTimeout = fields.optional(
            "publish_timeout", default: .seconds(5), in: .zero ... .seconds(86_400),
            "How long a publisher waits when the queue is full, before it gets an error; 0s means not at all.")
        deadLetterQueue = fields.optionalReference(
            Self.deadLetterField, .queue,
            "Where a message goes after 'dead_letter.max_attempts'. Without it, a message is tried for ever.")
        deadLetterMaxAttempts = fields.optional(
            "dead_letter.max_attempts", default: 5, in: 1...1_000_000,
            "How often a message is tried before it goes to 'dead_letter.queue'.")
    }
}

extension WippyError {
    /// What a publisher is told for whom a queue had no room.
    package static func full(_ queue: EntryID, after timeout: Duration) -> WippyError {
        WippyError(
            .unavailable, "the queue '\(queue)' was full for \(timeout.written); try again later, or add consumers",
            isRetryable: true)
    }
}
