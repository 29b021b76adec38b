public import WippyDefinition
public import WippyRuntime

/// What a queue says to its driver, whichever that is.
public struct QueueSettings: EntryConfig {
    /// The queue's name where others see it, such as at a broker; nil is the entry's own name.
    public var name: String?

    /// How a body is written by a driver that stores text or bytes.
    public var codec: String

    /// The codec of which a body is the JSON of its value, and nothing around it.
    public static let plainJSON = "json/plain"

    /// The field that names ``deadLetterQueue``.
    static let deadLetterField = "dead_letter.queue"

    /// When a message is tried again.
    public var retry: QueueRetry

    /// How long a publisher waits for room.
    public var publishTimeout: Duration

    /// Where a message goes that was tried often enough; nil tries for ever.
    public var deadLetterQueue: Reference<any MessageQueue>?

    /// How often a message is tried if there is a queue for dead letters.
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
