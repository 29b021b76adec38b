/// A message on its way from one queue to another.
public struct MovedMessage: Sendable {
    /// The message, with its number of attempts.
    public let message: Message

    /// The time until the message is ready for a worker.
    public let delay: Duration

    /// Creates a moved message.
    public init(message: Message, delay: Duration) {
        self.message = message
        self.delay = delay
    }
}
