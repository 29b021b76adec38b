/// A message that waits in a queue, or that moves from one queue to another.
public struct QueuedMessage: Sendable {
    /// The message, with its number of attempts.
    public let message: Message

    /// The time until the message is ready for a worker; zero if it is ready.
    public let delay: Duration

    /// The time since the message was published; zero if the queue does not know it.
    public let age: Duration

    /// Creates a queued message.
    ///
    /// - Parameters:
    ///   - message: the message, with its number of attempts.
    ///   - delay: the time until the message is ready for a worker; zero if it is ready.
    ///   - age: the time since the message was published. Default: zero, for a queue that does not know it.
    public init(message: Message, delay: Duration, age: Duration = .zero) {
        self.message = message
        self.delay = delay
        self.age = age
    }
}
