public import WippyDefinition
public import WippyValues

/// What stands in a queue.
public struct Message: Sendable {
    /// Given when the message is published; kept over every redelivery.
    public let id: UniqueID

    /// What was published.
    public let body: Value

    /// Texts, numbers and truth values by name; names that begin with `x_` are the runtime's own.
    ///
    /// A message that comes out of a queue has a `timestamp`: the second in which it was published, since the beginning
    /// of 1970, or what its publisher has written there.
    public var headers: ValueMap

    /// How often a handler got this message before and failed; one that was only prefetched, or given back, did not.
    public var attempts: Int

    /// Creates a message.
    public init(id: UniqueID = .v4(), body: Value, headers: ValueMap = ValueMap(), attempts: Int = 0) {
        self.id = id
        self.body = body
        self.headers = headers
        self.attempts = attempts
    }

    /// The message as a queue hands it out: with a `timestamp`, unless it has one.
    ///
    /// - Parameter second: when it was published.
    public func stamped(at second: Int = UnixTime.now) -> Message {
        guard headers["timestamp"] == nil else { return self }
        var message = self
        message.headers["timestamp"] = .integer(second)
        return message
    }
}

/// A message in the hands of a handler.
public struct Delivery: Sendable {
    /// The message.
    public let message: Message

    /// The queue it came from.
    public let queue: EntryID

    /// Which attempt this is: 1 the first time.
    public let attempt: Int

    /// What the queue finds the delivery by when it is settled: given anew each time that the message is taken, and
    /// without a meaning to anybody else.
    public let receipt: Int

    /// Creates a delivery.
    public init(message: Message, queue: EntryID, attempt: Int, receipt: Int = 0) {
        self.message = message
        self.queue = queue
        self.attempt = attempt
        self.receipt = receipt
    }
}
