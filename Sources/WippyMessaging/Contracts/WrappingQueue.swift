public import WippyRuntime

/// A queue that stands before another queue.
///
/// It passes every call on. It can change the messages by ``willPublish(_:)``, and learns of the accepted ones by
/// ``didAccept(_:)``. An `OfferWrapper` puts such a queue before each queue of a program:
///
/// ```swift
/// kinds: .standard + [OfferWrapper(.queue) { queue, context in Audited(wrapped: queue, id: context.id) }]
/// ```
///
/// Schedules, transactions and the command `queue` reach the wrapped queue through it.
public protocol WrappingQueue: MessageQueue {
    /// The wrapped queue.
    var wrapped: any MessageQueue { get }

    /// Called before a message is published to the wrapped queue, also by a schedule or in a transaction.
    ///
    /// It may be called several times for one message, for example if there was no room at first. A dead letter does
    /// not come here if its driver moves it in one step.
    ///
    /// - Returns: the message to publish instead, with the same id. Default: the same message.
    func willPublish(_ message: Message) -> Message

    /// Called when the wrapped queue is known to have accepted a published message, or a dead letter of another queue.
    ///
    /// It is not called for a message that a reload or an operator moves, or that the queue drops because of its unique
    /// key.
    ///
    /// - Parameter message: the message as this queue, or a queue that it wraps, has published it.
    func didAccept(_ message: Message)
}

extension WrappingQueue {
    /// Returns the same message.
    public func willPublish(_ message: Message) -> Message { message }

    /// Publishes to the wrapped queue, and then calls ``didAccept(_:)`` if the queue keeps the message.
    @discardableResult
    public func publish(_ message: Message) async throws -> Bool {
        let message = willPublish(message)
        let isKept = try await wrapped.publish(message)
        if isKept { didAccept(message) }
        return isKept
    }

    /// Publishes to the wrapped queue if this is possible without a wait, and then calls ``didAccept(_:)``.
    public func publishAtOnce(_ message: Message) throws -> Bool {
        let message = willPublish(message)
        let isAccepted = try wrapped.publishAtOnce(message)
        if isAccepted { didAccept(message) }
        return isAccepted
    }

    /// Subscribes to the wrapped queue.
    public func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        try await wrapped.subscribe(prefetch: prefetch)
    }

    /// Drains the wrapped queue.
    public func drain(until deadline: Duration) async -> Int { await wrapped.drain(until: deadline) }

    /// The number of messages in the wrapped queue.
    public var count: MessageCount { get async throws { try await wrapped.count } }

    /// The figures of the wrapped queue.
    public var info: QueueInfo { get async throws { try await wrapped.info } }

    /// True if the wrapped queue is durable.
    public var isDurable: Bool { wrapped.isDurable }

    /// The nouns of the wrapped queue.
    public var nouns: WorkNouns { wrapped.nouns }
}

extension MessageQueue {
    /// Returns the innermost queue as a type; nil if it is not of this type.
    ///
    /// The innermost queue, such as the one that a driver has made, is behind every ``WrappingQueue``. Use this call
    /// for optional abilities, such as ``MovableQueue``, because `as?` does not find those of a wrapped queue:
    ///
    /// ```swift
    /// if let queue = queue.ability((any MovableQueue).self) { try await queue.moveMessages(to: other) }
    /// ```
    ///
    /// A driver passes the type of its queues to find its own queue behind ``DeadLetters/queue``.
    ///
    /// Before you publish a message to the innermost queue by an ability, call ``innermostWillPublish(_:)`` of this
    /// queue, and publish the message that it returns. Call ``innermostDidAccept(_:)`` afterwards.
    public func ability<Ability>(_ type: Ability.Type) -> Ability? { innermost as? Ability }

    private var innermost: any MessageQueue { (self as? any WrappingQueue)?.wrapped.innermost ?? self }

    /// Returns the message to publish to the innermost queue: each ``WrappingQueue`` around it may change the message,
    /// from the outermost to the innermost.
    ///
    /// Call it before you publish a message by an ``ability(_:)`` instead of ``publish(_:)``.
    public func innermostWillPublish(_ message: Message) -> Message {
        guard let queue = self as? any WrappingQueue else { return message }
        return queue.wrapped.innermostWillPublish(queue.willPublish(message))
    }

    /// Tells every ``WrappingQueue`` around the innermost queue that the innermost queue has accepted a message.
    ///
    /// Call it after the innermost queue has accepted a message by an ``ability(_:)`` instead of ``publish(_:)``. For
    /// dead letters, ``DeadLetters/move(_:from:reason:at:by:log:inOneStep:)`` calls it.
    public func innermostDidAccept(_ message: Message) {
        guard let queue = self as? any WrappingQueue else { return }
        queue.wrapped.innermostDidAccept(message)
        queue.didAccept(message)
    }
}
