public import WippyDefinition
public import WippyRuntime

/// An entry that keeps messages until a handler has done its work.
///
/// Delivery is at least once: a message may come again after its work was done. New messages are delivered in the order
/// in which they were published, unless their headers set a delay or a priority. While a worker has a message, no other
/// worker gets it, unless the driver loses the claim, as after a lost connection to a database.
///
/// If a queue is not durable, and still has messages when its driver stops, the driver logs a warning. The warning has
/// the id of the queue's entry. Its field `count` is the number of the messages.
///
/// The messages are accepted work, so a queue is an `AcceptedWork`:
///
/// - If the queue is not durable, `drain(until:)` must wait until no message is ready, claimed, or on its way to the
///   queue for dead letters, and no delayed message is due before the deadline. Its result also counts dead letters
///   from other queues.
/// - The messages can move to another queue if both queues conform to ``MovableQueue``.
///
/// A kind whose component is a queue offers it under `.queue` and `.acceptedWork` by one call: `[Offer].queue(_:)`.
public protocol MessageQueue: AcceptedWork {
    /// Puts a message into the queue. If the queue is full, the call suspends for at most the queue's
    /// `publish_timeout`.
    ///
    /// A message that a worker gets has the header `timestamp`: the queue adds it, like ``Message/stamped(at:)``.
    ///
    /// After `Unavailable`, the queue may have kept the message all the same, for example if a connection was lost. If
    /// you repeat the call, pass the same message: a handler then knows a second one by its ``Message/id``. With the
    /// option `unique`, the queue drops the second one while the key counts.
    ///
    /// - Returns: true if the queue keeps the message; false if it has dropped the message because of its unique key.
    /// - Throws: `WippyError` of kind `Unavailable`, retryable, when there was no room in time, or when the driver
    ///   cannot keep the message now, for example because it has stopped; `WippyError` of kind `Invalid` when the
    ///   driver refuses the message, for example because of its headers; `CancellationError` when the task was
    ///   cancelled before the message was accepted.
    @discardableResult
    func publish(_ message: Message) async throws -> Bool

    /// Puts a message into the queue if this is possible without a wait.
    ///
    /// The default implementation returns false.
    ///
    /// - Returns: true if the queue keeps the message. If false, the caller must call ``publish(_:)``, which can wait.
    /// - Throws: the same errors as ``publish(_:)``.
    func publishAtOnce(_ message: Message) throws -> Bool

    /// Opens a subscription. A consumer's workers get their messages from it.
    ///
    /// - Parameter prefetch: the largest number of messages in one fetch of the subscription, at least 1. A driver may
    ///   ignore it.
    /// - Throws: an error that makes the consumer fail. Then the consumer's restart policy applies.
    func subscribe(prefetch: Int) async throws -> any MessageSubscription

    /// The number of messages in the queue, by state.
    ///
    /// For a long queue, a driver may return the number that it last knew.
    var count: MessageCount { get async throws }

    /// The figures of the queue. The driver may examine every message for them. Default: only the ``count``.
    ///
    /// A driver leaves out the rates. A ``MeasuredQueue`` adds them, and makes gauges of all figures.
    var info: QueueInfo { get async throws }
}

extension MessageQueue {
    /// The default: only the number of messages.
    public var info: QueueInfo { get async throws { QueueInfo(count: try await count) } }

    /// Returns false, so that the caller calls ``publish(_:)``.
    public func publishAtOnce(_ message: Message) -> Bool { false }

    /// The nouns for a queue and its messages.
    public var nouns: WorkNouns { WorkNouns(holder: "queue", units: "messages") }

    /// The number of all messages in the queue: the total of ``count``.
    public var amount: Int { get async throws { try await count.total } }

    /// Returns the call that moves the messages to another queue; nil if one of the two is not a ``MovableQueue``.
    public func move(to other: any AcceptedWork) -> (@Sendable () async throws -> Void)? {
        guard let old = ability((any MovableQueue).self),
            let new = (other as? any MessageQueue)?.ability((any MovableQueue).self)
        else { return nil }
        return { try await old.moveMessages(to: new) }
    }
}

/// A consumer's access to a queue.
///
/// Several workers use it at the same time.
public protocol MessageSubscription: Sendable {
    /// Waits for the next message and claims it for a worker. The worker must settle it.
    ///
    /// - Returns: the message; nil when the subscription has been closed.
    /// - Throws: `CancellationError` when the task is cancelled; then the worker has no message to settle. Any other
    ///   error means that the driver fails at the moment. Then the worker asks again later.
    func next() async throws -> Delivery?

    /// Settles a delivery. A rejected message is tried again or becomes a dead letter.
    ///
    /// If the queue for dead letters does not accept the message, the message stays in its own queue and is tried
    /// again. Only the first settlement of a delivery counts. Later calls do nothing. Cancelling the task does not end
    /// the call.
    ///
    /// - Returns: true if this call has settled the delivery; false if it has changed nothing, for example because an
    ///   earlier call has settled the delivery. The figures of the queue count only the settlements that return true.
    /// - Throws: an error when the driver does not know whether the settlement is stored. The worker then settles the
    ///   delivery again. If the delivery cannot be settled any more, throw a `WippyError` that is not retryable. The
    ///   worker then gives up.
    @discardableResult
    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool

    /// Ends the subscription. `next()` then returns nil. Prefetched messages go back to the queue, and no attempt is
    /// counted for them.
    ///
    /// Workers can still settle the messages that they have. A second call does nothing. Cancelling the task does not
    /// end the call.
    func close() async
}

extension Contract where Offered == any MessageQueue {
    /// The contract of an entry that keeps messages.
    public static var queue: Self { Contract("a queue", meaning: .publishes) }
}

extension Array {
    /// Returns the offers of an entry that is a queue: the contract `.queue`, and `.acceptedWork` for its messages.
    ///
    /// - Parameter view: turns the component into the queue.
    public static func queue<Component: Sendable>(
        _ view: @escaping @Sendable (Component) -> any MessageQueue
    ) -> [Offer<Component>] where Element == Offer<Component> {
        [Offer(.queue, view), Offer(.acceptedWork, of: .queue) { $0 }]
    }
}
