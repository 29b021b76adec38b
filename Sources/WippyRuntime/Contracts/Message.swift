public import WippyDefinition
public import WippyValues

/// A message in a queue.
public struct Message: Sendable {
    /// Identifies the message.
    ///
    /// It is made when the message is published, and stays the same in every attempt.
    public let id: UniqueID

    /// The published value.
    public let body: Value

    /// Texts, numbers and truth values by name.
    ///
    /// Names that begin with `x_` belong to the runtime.
    ///
    /// A message from a queue has a `timestamp`: when it was published, in seconds since 1970, unless its publisher has
    /// set another.
    public var headers: ValueMap

    /// How often a handler has had this message before and failed.
    ///
    /// Being prefetched or given back does not count.
    public var attempts: Int

    /// Creates a message.
    public init(id: UniqueID = .v4(), body: Value, headers: ValueMap = ValueMap(), attempts: Int = 0) {
        self.id = id
        self.body = body
        self.headers = headers
        self.attempts = attempts
    }

    /// The message with a `timestamp`, as a queue hands it out.
    ///
    /// An existing `timestamp` stays.
    ///
    /// - Parameter second: when it was published, in seconds since 1970.
    public func stamped(at second: Int = UnixTime.now) -> Message {
        guard headers["timestamp"] == nil else { return self }
        var message = self
        message.headers["timestamp"] = .integer(second)
        return message
    }
}

/// A message as a handler gets it, with its queue and attempt.
public struct Delivery: Sendable {
    /// The message.
    public let message: Message

    /// The queue it came from.
    public let queue: EntryID

    /// Which attempt this is, 1 for the first.
    public let attempt: Int

    /// The queue's own number for this delivery, by which it settles it.
    ///
    /// It is new for each attempt.
    public let receipt: Int

    /// Creates a delivery.
    public init(message: Message, queue: EntryID, attempt: Int, receipt: Int = 0) {
        self.message = message
        self.queue = queue
        self.attempt = attempt
        self.receipt = receipt
    }
}
