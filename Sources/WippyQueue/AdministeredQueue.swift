public import WippyRuntime

/// A queue whose messages survive the process, and which an operator can inspect.
public protocol AdministeredQueue: MessageQueue {
    /// The messages that workers would get next, and then the delayed ones. No attempt is counted.
    func peek(atMost most: Int) async throws -> [KeptMessage]

    /// Makes messages ready at once: delayed messages, and dead letters, which go back to the queue that they came
    /// from, without attempts.
    ///
    /// - Returns: how many messages.
    func retry(atMost most: Int) async throws -> Int

    /// Removes every message that no worker has.
    ///
    /// - Returns: how many messages.
    func purge() async throws -> Int

    /// Pauses the queue: workers get no message until ``resume()``, also after a restart. Publishers go on.
    func pause() async throws

    /// Ends the pause.
    func resume() async throws
}

/// A message that an operator inspects.
public struct KeptMessage: Sendable {
    /// The message, with its number of attempts.
    public let message: Message

    /// How long it still waits; zero if it is ready.
    public let delay: Duration

    /// Creates the record.
    public init(message: Message, delay: Duration) {
        self.message = message
        self.delay = delay
    }
}
