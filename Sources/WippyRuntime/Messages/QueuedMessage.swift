/// A message that waits in a queue, or that moves from one queue to another.
public struct QueuedMessage: Sendable {
    /// The message, with its number of attempts.
    public let message: Message

    /// The time until the message is ready for a worker; zero if it is ready.
    public let delay: Duration

    /// Creates a queued message.
    public init(message: Message, delay: Duration) {
        self.message = message
        self.delay = delay
    }
}
