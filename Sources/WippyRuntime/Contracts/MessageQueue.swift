public import WippyDefinition

/// An entry that keeps messages until a handler has done its work.
///
/// Delivery is at least once: a message that was accepted is acknowledged by a handler, or moved to the dead-letter
/// queue, or still there. A driver whose messages die with the process logs how many are left in each queue when it
/// stops.
public protocol MessageQueue: Sendable {
    /// Accepts a message. When the queue is full the caller waits, suspended, for the queue's `publish_timeout`.
    ///
    /// - Throws: ``WippyError`` of kind `Unavailable`, retryable, when there was no room in time or the driver is
    ///   stopping; `CancellationError` when the task was cancelled before the message was accepted.
    func publish(_ message: Message) async throws

    /// Accepts a message if that needs no wait: how another queue moves its dead letters here.
    ///
    /// - Returns: false when there is no room now, or the driver is stopping; the message is still the caller's then.
    func publishAtOnce(_ message: Message) -> Bool

    /// Begins to take messages.
    ///
    /// - Parameter prefetch: how many messages may be held ahead of the workers, at least 1. A driver that can hand a
    ///   message over without a wait holds none.
    func subscribe(prefetch: Int) throws -> any MessageSubscription

    /// Suspends until a stop loses nothing of this queue any more.
    ///
    /// A driver that keeps messages when the process ends returns at once. On another one the wait lasts until no
    /// message is ready, none is in anybody's hands or on its way to the dead-letter queue, and none that waits for its
    /// next attempt is due before the deadline. The consumers go on meanwhile. Whoever else publishes has stopped.
    ///
    /// Cancelling the task ends the wait.
    ///
    /// - Parameter deadline: when the wait is given up, by the runtime's clock.
    /// - Returns: how many messages the queue has ever accepted. Two calls that return the same number saw nothing new
    ///   between them.
    func drain(until deadline: Duration) async -> Int

    /// How many messages there are now.
    var count: MessageCount { get }
}

/// A consumer's hold on a queue, used by several workers at once.
public protocol MessageSubscription: Sendable {
    /// The next message for a worker, which suspends until there is one. Each must be settled.
    ///
    /// - Returns: nil once the subscription has been closed.
    /// - Throws: `CancellationError` when the task is cancelled; no message is taken then.
    func next() async throws -> Delivery?

    /// Says how a delivery ended. It never fails: a message that cannot be requeued at once is kept until it can. Only
    /// the first settlement of a delivery counts.
    func settle(_ delivery: Delivery, _ settlement: Settlement)

    /// Ends the subscription: `next()` gives nil, and what was prefetched goes back without an attempt counted.
    ///
    /// What workers have in hand is theirs to settle.
    func close()
}

/// How a delivery ended.
public enum Settlement: Sendable {
    /// The handler has done its work; the message is gone.
    case acknowledged
    /// The handler failed, for the reason given; the message is tried again or becomes a dead letter.
    case rejected(reason: String)
    /// The handler never had it, or was told to stop; the message goes back as it was.
    case returned
}

/// How many messages a queue holds.
public struct MessageCount: Hashable, Sendable {
    /// Waiting to be taken.
    public let ready: Int
    /// Waiting for their next attempt.
    public let delayed: Int
    /// With a worker, or prefetched.
    public let taken: Int

    /// Creates a count.
    public init(ready: Int, delayed: Int, taken: Int) {
        self.ready = ready
        self.delayed = delayed
        self.taken = taken
    }
}

extension Contract where Offered == any MessageQueue {
    /// An entry that keeps messages.
    public static var queue: Self { Contract("a queue", meaning: .publishes) }
}
