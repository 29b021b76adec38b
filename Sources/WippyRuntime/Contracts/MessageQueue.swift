public import WippyDefinition

/// An entry that keeps messages until a handler has done its work.
///
/// Delivery is at least once: a message that was accepted is acknowledged by a handler, or moved to the dead-letter
/// queue, or still there. Messages that were not taken before come in the order in which they were published, and each
/// is in the hands of one worker at a time.
///
/// A driver whose messages die with the process logs a warning for each queue in which some are left when it stops: its
/// entry is the queue, and its `count` how many they are.
///
/// A driver may reach outside the process, so every call may suspend and may fail. Two cannot fail, since their callers
/// end in any case: ``drain(until:)`` and ``MessageSubscription/close()``.
public protocol MessageQueue: Sendable {
    /// Accepts a message, which comes out with a `timestamp`: ``Message/stamped(at:)``. When the queue is full the
    /// caller waits, suspended, for the queue's `publish_timeout`.
    ///
    /// - Throws: ``WippyError`` of kind `Unavailable`, retryable, when there was no room in time, or the driver fails
    ///   or has stopped; `CancellationError` when the task was cancelled before the message was accepted.
    func publish(_ message: Message) async throws

    /// Accepts a message if that needs no wait.
    ///
    /// - Returns: false if ``publish(_:)`` is to be called instead, which waits or says why it does not accept; unless
    ///   stated always.
    /// - Throws: as ``publish(_:)``.
    func publishAtOnce(_ message: Message) throws -> Bool

    /// Begins to take messages.
    ///
    /// - Parameter prefetch: how many messages may be held ahead of the workers, at least 1. A driver that can hand a
    ///   message over without a wait holds none.
    /// - Throws: what makes the consumer fail, which its policy tries again.
    func subscribe(prefetch: Int) async throws -> any MessageSubscription

    /// Suspends until a stop loses nothing of this queue any more.
    ///
    /// A driver that keeps messages when the process ends returns at once. On another one the wait lasts until no
    /// message is ready, none is in anybody's hands or on its way to the dead-letter queue, and none that waits for its
    /// next attempt is due before the deadline. The consumers go on meanwhile. Whoever else publishes has stopped.
    ///
    /// Cancelling the task ends the wait.
    ///
    /// - Parameter deadline: by the runtime's clock; what is due only then is not waited for. The caller cancels the
    ///   wait at that time.
    /// - Returns: how many messages the queue has accepted since it was made, dead letters of others included. Two
    ///   calls that return the same number saw nothing new between them.
    func drain(until deadline: Duration) async -> Int

    /// How many messages there are now.
    var count: MessageCount { get async throws }

    /// What is in it and what happens there, which may take a look at every message; by default the ``count`` alone.
    var info: QueueInfo { get async throws }

    /// The queue as one that can go over to another driver; nil if it cannot.
    var movable: (any MovableQueue)? { get }
}

extension MessageQueue {
    /// By default how many messages there are.
    public var info: QueueInfo { get async throws { QueueInfo(count: try await count) } }

    /// By default every message is one to wait for.
    public func publishAtOnce(_ message: Message) -> Bool { false }

    /// By default what the queue itself can.
    public var movable: (any MovableQueue)? { self as? any MovableQueue }
}

/// A consumer's hold on a queue, used by several workers at once.
public protocol MessageSubscription: Sendable {
    /// The next message for a worker, which suspends until there is one. Each must be settled.
    ///
    /// - Returns: nil once the subscription has been closed.
    /// - Throws: `CancellationError` when the task is cancelled; no message is taken then. Any other error says that
    ///   the driver fails for now: the worker asks again after a while.
    func next() async throws -> Delivery?

    /// Notes how a delivery ended, and moves a message that was tried often enough to its dead-letter queue.
    ///
    /// A message for which there is no room, there or here, is kept until there is. Only the first settlement of a
    /// delivery counts, and only for that delivery; a further one does nothing. Cancelling the task does not end the
    /// call.
    ///
    /// - Throws: what says that nothing was noted: the delivery is still the worker's, which settles it again. A
    ///   ``WippyError`` that is not retryable says that it never can be.
    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws

    /// Ends the subscription: `next()` gives nil, and what was prefetched goes back without an attempt counted.
    ///
    /// What workers have in hand is theirs to settle. A further call does nothing. Cancelling the task does not end the
    /// call.
    func close() async
}

/// How a delivery ended.
public enum Settlement: Sendable {
    /// The handler has done its work; the message is gone.
    case acknowledged
    /// The handler failed, for the reason given; the message is tried again or becomes a dead letter.
    case rejected(reason: String)
    /// The handler never had it, or was told to stop; the message goes back as it was, and may be taken at once.
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

    /// All of them.
    public var total: Int { ready + delayed + taken }

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
