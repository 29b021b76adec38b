public import WippyDefinition
public import WippyRuntime

/// An entry that keeps the messages of queues: in memory, in a database, at a broker.
public protocol QueueDriver: Sendable {
    /// Makes the queue of an entry, once, when the application is built. It opens nothing: what can fail for reasons
    /// outside the definition files is the part of the driver's service.
    ///
    /// - Throws: an error whose description says which setting the driver cannot follow.
    func makeQueue(_ id: EntryID, settings: QueueSettings) throws -> any MessageQueue
}

extension Contract where Offered == any QueueDriver {
    /// An entry that keeps the messages of queues.
    public static var queueDriver: Self { Contract("a queue driver") }
}

/// What a driver makes a queue by.
public struct QueueSettings: Sendable {
    /// The queue's name where others see it, such as at a broker; nil is the entry's own name.
    public let name: String?

    /// How a body is written by a driver that stores text or bytes: `json/plain`.
    public let codec: String

    /// When a message is tried again.
    public let retry: QueueRetry

    /// How long a publisher waits for room.
    public let publishTimeout: Duration

    /// Where a message goes that was tried often enough; nil tries for ever.
    public let deadLetters: DeadLetterSettings?

    /// How many messages a queue in memory holds: so many that are ready, and as many that wait for their next attempt.
    public let memoryMaxLength: Int

    /// Creates settings.
    public init(
        name: String? = nil, codec: String = "json/plain", retry: QueueRetry = QueueRetry(),
        publishTimeout: Duration = .seconds(5), deadLetters: DeadLetterSettings? = nil, memoryMaxLength: Int = 1000
    ) {
        self.name = name
        self.codec = codec
        self.retry = retry
        self.publishTimeout = publishTimeout
        self.deadLetters = deadLetters
        self.memoryMaxLength = memoryMaxLength
    }
}

/// Where messages go that were tried often enough.
public struct DeadLetterSettings: Sendable {
    /// The id of the queue that takes them.
    public let id: EntryID

    /// The queue that takes them.
    public let queue: Link<any MessageQueue>

    /// How often a message is tried, at least 1.
    public let maxAttempts: Int

    /// Creates settings.
    public init(id: EntryID, queue: Link<any MessageQueue>, maxAttempts: Int = 5) {
        self.id = id
        self.queue = queue
        self.maxAttempts = maxAttempts
    }
}
