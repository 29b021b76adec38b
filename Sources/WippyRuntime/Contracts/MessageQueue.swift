public import WippyDefinition

/// An entry that keeps messages until a handler has done its work.
///
/// Delivery is at least once: an accepted message is acknowledged by a handler, or a dead letter, or still in the
/// queue. New messages come in the order in which they were published. Only one worker has a message at a time.
///
/// If a driver loses its messages when the process ends, it logs a warning for each queue that still has some when the
/// driver stops. The warning's entry is the queue, and its `count` is the number of lost messages.
///
/// A driver may reach outside the process, so every call may suspend and may fail. Two calls cannot fail, because their
/// callers are ending: ``drain(until:)`` and ``MessageSubscription/close()``.
public protocol MessageQueue: Sendable {
    /// Accepts a message, and gives it a `timestamp` as ``Message/stamped(at:)`` does. If the queue is full, the caller
    /// waits, suspended, for the queue's `publish_timeout`.
    ///
    /// - Throws: ``WippyError`` of kind `Unavailable`, retryable, when there was no room in time, or the driver fails
    ///   or has stopped; `CancellationError` when the task was cancelled before the message was accepted.
    func publish(_ message: Message) async throws

    /// Accepts a message if that needs no wait.
    ///
    /// - Returns: false if the caller must call ``publish(_:)`` instead, which waits or says why it refuses; by default
    ///   always false.
    /// - Throws: as ``publish(_:)``.
    func publishAtOnce(_ message: Message) throws -> Bool

    /// Begins to take messages.
    ///
    /// - Parameter prefetch: how many messages may be fetched ahead of the workers, at least 1. A driver that can hand
    ///   over a message without waiting fetches none.
    /// - Throws: an error that makes the consumer fail. Its restart policy tries again.
    func subscribe(prefetch: Int) async throws -> any MessageSubscription

    /// Waits until a stop would lose nothing of this queue.
    ///
    /// A driver that keeps messages when the process ends returns at once. Another driver waits until no message is
    /// ready, no worker has one, none is moving to the dead-letter queue, and no retry is due before the deadline.
    /// Meanwhile the consumers go on; all other publishers have stopped.
    ///
    /// Cancelling the task ends the wait.
    ///
    /// - Parameter deadline: a time of the runtime's clock. Messages due after it are not waited for. The caller
    ///   cancels the wait at that time.
    /// - Returns: how many messages the queue has accepted since it was made, including dead letters from other queues.
    ///   If two calls return the same number, nothing was published between them.
    func drain(until deadline: Duration) async -> Int

    /// The number of messages in the queue now.
    var count: MessageCount { get async throws }

    /// The figures of the queue. The driver may look at every message for this. By default only the ``count``.
    var info: QueueInfo { get async throws }

    /// The queue as one whose messages can move to another driver; nil if they cannot.
    var movable: (any MovableQueue)? { get }
}

extension MessageQueue {
    /// By default only the number of messages.
    public var info: QueueInfo { get async throws { QueueInfo(count: try await count) } }

    /// By default every message is one to wait for.
    public func publishAtOnce(_ message: Message) -> Bool { false }

    /// By default the queue itself, if it is a ``MovableQueue``.
    public var movable: (any MovableQueue)? { self as? any MovableQueue }
}

/// A consumer's access to a queue.
///
/// Several workers use it at once.
public protocol MessageSubscription: Sendable {
    /// Waits for the next message for a worker. Every message must be settled.
    ///
    /// - Returns: nil when the subscription has been closed.
    /// - Throws: `CancellationError` when the task is cancelled; then no message is claimed. Any other error means that
    ///   the driver fails at the moment: the worker asks again later.
    func next() async throws -> Delivery?

    /// Settles a delivery: notes how it ended. A message that was tried often enough moves to its dead-letter queue.
    ///
    /// If there is no room for the message, there or here, it is kept until there is. Only the first settlement of a
    /// delivery counts; another does nothing. Cancelling the task does not end the call.
    ///
    /// - Throws: an error when nothing was noted. The delivery still belongs to the worker, which settles it again. If
    ///   the error is a ``WippyError`` that is not retryable, it never can be settled.
    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws

    /// Ends the subscription: `next()` returns nil, and prefetched messages go back without a counted attempt.
    ///
    /// Workers still settle the messages that they have. A second call does nothing. Cancelling the task does not end
    /// the call.
    func close() async
}

/// How a delivery ended.
public enum Settlement: Sendable {
    /// The handler has done its work. The message is removed.
    case acknowledged
    /// The handler failed, for this reason. The message is tried again or becomes a dead letter.
    case rejected(reason: String)
    /// The handler never got it, or was told to stop. The message goes back as it was, and can be claimed at once.
    case returned
}

/// How many messages a queue holds.
public struct MessageCount: Hashable, Sendable {
    /// Waiting to be claimed.
    public let ready: Int
    /// Waiting for their next attempt.
    public let delayed: Int
    /// With a worker, or prefetched for one.
    public let claimed: Int

    /// All of them.
    public var total: Int { ready + delayed + claimed }

    /// Creates a count.
    public init(ready: Int, delayed: Int, claimed: Int) {
        self.ready = ready
        self.delayed = delayed
        self.claimed = claimed
    }
}

extension Contract where Offered == any MessageQueue {
    /// An entry that keeps messages.
    public static var queue: Self { Contract("a queue", meaning: .publishes) }
}
