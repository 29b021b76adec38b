/// A queue that goes over to another driver with all that it holds.
///
/// A running application that gets a plan in which a queue has another driver moves the queue's messages, once its
/// consumers have ended.
public protocol MovableQueue: MessageQueue {
    /// Moves every message that nobody has in hand into another queue: those that are ready in their order, and those
    /// that wait for their time.
    ///
    /// - Throws: what the other queue, or the own driver, fails with; what was not moved is here still.
    func moveMessages(to other: any MovableQueue) async throws

    /// Accepts messages of another queue, all or none, whether there is room for them or not.
    func accept(_ messages: [MovedMessage]) async throws
}

/// A message on its way from one queue to another.
public struct MovedMessage: Sendable {
    /// The message, with the attempts that it has had.
    public let message: Message

    /// How long it is still to wait before a worker gets it.
    public let delay: Duration

    /// Creates the record.
    public init(message: Message, delay: Duration) {
        self.message = message
        self.delay = delay
    }
}
