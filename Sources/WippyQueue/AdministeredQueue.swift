public import WippyRuntime

/// A queue whose messages outlive the process, and into which an operator can look.
public protocol AdministeredQueue: MessageQueue {
    /// The messages that workers would get next, and then those that wait for their time; no attempt is counted.
    func peek(atMost most: Int) async throws -> [KeptMessage]

    /// Has messages tried again at once: those that wait for their time are ready, and dead letters go back to the
    /// queue that gave them up, with no attempt.
    ///
    /// - Returns: how many.
    func retry(atMost most: Int) async throws -> Int

    /// Removes every message that nobody has in hand.
    ///
    /// - Returns: how many.
    func purge() async throws -> Int

    /// Has workers get no message until ``resume()``, also after a restart. Publishers go on.
    func pause() async throws

    /// Ends the pause.
    func resume() async throws
}

/// A message that an operator looks at.
public struct KeptMessage: Sendable {
    /// The message, with the attempts that it has had.
    public let message: Message

    /// How long it waits for its time; zero if it is ready.
    public let delay: Duration

    /// Creates the record.
    public init(message: Message, delay: Duration) {
        self.message = message
        self.delay = delay
    }
}
