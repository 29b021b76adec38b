public import WippyRuntime

/// A durable queue, which an operator can inspect and change.
///
/// The command `queue` calls it also while the application is stopped. Then only the services that its driver stands on
/// run, such as a database. The driver's own service does not run.
public protocol AdministeredQueue: MessageQueue {
    /// Returns the messages that workers would get next, followed by the delayed ones.
    ///
    /// The messages stay in the queue, and no attempt is counted.
    ///
    /// - Parameter most: the largest number of messages to return.
    /// - Throws: the driver's error.
    func peek(atMost most: Int) async throws -> [KeptMessage]

    /// Moves dead letters back to the queues that they came from, and makes delayed messages ready at once.
    ///
    /// The attempts of a dead letter begin again.
    ///
    /// - Parameter most: the largest number of messages to change.
    /// - Returns: the number of changed messages.
    /// - Throws: the driver's error.
    func retry(atMost most: Int) async throws -> Int

    /// Removes every message that no worker has claimed.
    ///
    /// - Returns: the number of removed messages.
    /// - Throws: the driver's error.
    func purge() async throws -> Int

    /// Pauses the queue: workers get no message until ``resume()``. Publishers go on.
    ///
    /// The pause outlasts a restart. Throws the driver's error.
    func pause() async throws

    /// Ends the pause; throws the driver's error.
    func resume() async throws
}

/// A message that an operator inspects.
public struct KeptMessage: Sendable {
    /// The message, with its number of attempts.
    public let message: Message

    /// The time until the message is ready; zero if it is ready.
    public let delay: Duration

    /// Creates the record of a message.
    public init(message: Message, delay: Duration) {
        self.message = message
        self.delay = delay
    }
}
