public import WippyDefinition

/// A message that is passed to a handler, with its queue and the number of the attempt.
public struct Delivery: Sendable {
    /// The message.
    public let message: Message

    /// The id of the queue from which the message came.
    public let queue: EntryID

    /// The number of this attempt, counted from 1.
    public let attempt: Int

    /// The number by which the subscription finds this delivery when a worker settles it.
    public let receipt: Int

    /// Creates a delivery.
    public init(message: Message, queue: EntryID, attempt: Int, receipt: Int = 0) {
        self.message = message
        self.queue = queue
        self.attempt = attempt
        self.receipt = receipt
    }
}
