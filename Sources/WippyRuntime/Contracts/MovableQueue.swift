/// A queue whose messages can move to another driver.
///
/// When a reload gives a queue another driver, the application moves its messages once the consumers have ended.
public protocol MovableQueue: MessageQueue {
    /// Moves every message that no worker has to another queue: ready messages in their order, and delayed ones.
    ///
    /// - Throws: an error of either queue's driver. Messages that were not moved stay here.
    func moveMessages(to other: any MovableQueue) async throws

    /// Accepts messages of another queue: all or none, even beyond the queue's limit.
    func accept(_ messages: [MovedMessage]) async throws
}

/// A message on its way from one queue to another.
public struct MovedMessage: Sendable {
    /// The message, with its number of attempts.
    public let message: Message

    /// How much longer it waits before a worker gets it.
    public let delay: Duration

    /// Creates the record.
    public init(message: Message, delay: Duration) {
        self.message = message
        self.delay = delay
    }
}
