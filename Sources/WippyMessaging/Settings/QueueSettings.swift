public import WippyDefinition
public import WippyRuntime

/// The settings of a queue, which its driver follows.
///
/// The page `docs/kinds/queue.queue.md` lists the fields with their defaults and ranges.
public struct QueueSettings: EntryConfig {
    /// From `queue_name`: the queue's name at a broker or in a database; nil for the entry's id.
    public var name: String?

    /// From `codec`: the name of the format in which a driver stores bodies as text or bytes.
    ///
    /// It is ``plainJSON`` if the queue does not have the field.
    public var codec: String

    /// The name of the codec that stores a body as its JSON text.
    public static let plainJSON = "json/plain"

    /// The path of the field that names ``deadLetterQueue``.
    public static let deadLetterField = "dead_letter.queue"

    /// The path of the field for ``deadLetterMaxAttempts``.
    private static let maxAttemptsField = "dead_letter.max_attempts"

    /// The path of the field that names the queue's driver.
    package static let driverField = "driver"

    /// The path of the field for ``name``.
    public static let nameField = "queue_name"

    /// The path of the field for ``codec``.
    public static let codecField = "codec"

    /// The path of the fields for the options of the queue's driver, which stand below the driver's name.
    public static let driverOptionsField = "driver_options"

    /// From `retry`: the delays between attempts.
    public var retry: QueueRetry

    /// From `publish_timeout`: the longest time that a publisher waits for room in a full queue.
    ///
    /// With 0, it does not wait.
    public var publishTimeout: Duration

    /// From `dead_letter.queue`: the queue for dead letters; nil for none.
    public var deadLetterQueue: Reference<any MessageQueue>?

    /// From `dead_letter.max_attempts`: the number of attempts after which a message becomes a dead letter.
    ///
    /// It has no effect if ``deadLetterQueue`` is nil.
    public var deadLetterMaxAttempts: Int

    /// Reads the settings from the fields of a queue.
    public init(from fields: inout FieldReader) {
        name = fields.optional(
            Self.nameField, defaultsTo: "the entry's id",
            "The name of the queue outside the process, for a driver that keeps messages there.")
        codec = fields.optional(
            Self.codecField, default: Self.plainJSON,
            "The format in which the driver keeps bodies outside the process.")
        retry = QueueRetry(from: &fields)
        publishTimeout = fields.optional(
            "publish_timeout", default: .seconds(5), in: .zeroToDay,
            "The longest time that a publisher waits if the queue is full. After that, it gets an error. 0s disables "
                + "the wait. In a transaction a publisher never waits.")
        deadLetterQueue = fields.optionalReference(
            Self.deadLetterField, .queue,
            "The queue that gets a message after '\(Self.maxAttemptsField)' failed attempts. Without it, the "
                + "number of attempts has no limit.")
        deadLetterMaxAttempts = fields.optional(
            Self.maxAttemptsField, default: 5, in: 1...1_000_000,
            "The number of failed attempts after which a message goes to '\(Self.deadLetterField)'.")
        if let queue = deadLetterQueue, queue.id == fields.entry {
            fields.reject(
                Self.deadLetterField,
                "names the queue itself; name another queue, or leave the field out to try messages for ever")
        }
        if !fields.isWritten(Self.deadLetterField) {
            fields.warnIfWritten(Self.maxAttemptsField, because: "'\(Self.deadLetterField)' is missing")
        } else if deadLetterMaxAttempts == 1 {
            fields.warnIfWritten(below: QueueRetry.block, because: "'\(Self.maxAttemptsField)' is 1")
        }
    }
}

extension WippyError {
    /// Returns the error for a publisher that found no room in time.
    ///
    /// - Parameters:
    ///   - queue: the id of the queue.
    ///   - timeout: the time that the publisher has waited.
    public static func full(_ queue: EntryID, after timeout: Duration) -> WippyError {
        WippyError(
            .unavailable, "the queue '\(queue)' was full for \(timeout.written); try again later, or add consumers",
            isRetryable: true)
    }
}
