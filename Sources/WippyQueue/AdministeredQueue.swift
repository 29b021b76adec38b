public import WippyRuntime

/// A queue whose messages outlive the process, and into which an operator can look.
public protocol AdministeredQueue: MessageQueue {
    /// What is in it.
    var info: QueueInfo { get async throws }

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

/// What is in a queue.
public struct QueueInfo: Hashable, Sendable {
    /// How many messages are ready, delayed and taken.
    public let count: MessageCount

    /// How many of its messages are dead letters in another queue.
    public let dead: Int

    /// How long the oldest message has waited that is ready; nil if none is.
    public let oldestAge: Duration?

    /// The most attempts that a message which is there has had.
    public let attemptsMost: Int

    /// Whether workers get no message.
    public let isPaused: Bool

    /// Creates the record.
    public init(count: MessageCount, dead: Int, oldestAge: Duration?, attemptsMost: Int, isPaused: Bool) {
        self.count = count
        self.dead = dead
        self.oldestAge = oldestAge
        self.attemptsMost = attemptsMost
        self.isPaused = isPaused
    }
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
