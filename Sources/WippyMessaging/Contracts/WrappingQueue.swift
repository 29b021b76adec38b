import WippyRuntime

/// A queue that stands before another queue.
///
/// It passes every call on, and learns of the accepted messages by ``didAccept(_:)``. `QueueKinds.queue(_:)` puts such
/// a queue before each queue of a program.
///
/// Schedules, transactions and the command `queue` reach the wrapped queue through it.
public protocol WrappingQueue: MessageQueue {
    /// The wrapped queue.
    var wrapped: any MessageQueue { get }

    /// Called when the wrapped queue has accepted a published message, or a dead letter of another queue.
    ///
    /// It is not called for a message that the queue drops because of its unique key, or that a reload or an operator
    /// moves.
    func didAccept(_ message: Message)
}

extension WrappingQueue {
    /// Publishes to the wrapped queue, and then calls ``didAccept(_:)`` if the queue keeps the message.
    @discardableResult
    public func publish(_ message: Message) async throws -> Bool {
        let isKept = try await wrapped.publish(message)
        if isKept { didAccept(message) }
        return isKept
    }

    /// Publishes to the wrapped queue if this is possible without a wait, and then calls ``didAccept(_:)``.
    public func publishAtOnce(_ message: Message) throws -> Bool {
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

    /// True if the messages of the wrapped queue survive the end of the process.
    public var isDurable: Bool { wrapped.isDurable }
}

extension MessageQueue {
    /// Returns the innermost queue as a type; nil if it is not of this type.
    ///
    /// The innermost queue is the one that a driver has made, behind every ``WrappingQueue``. Only this call finds the
    /// optional abilities of a queue, such as ``MovableQueue``:
    ///
    /// ```swift
    /// if let queue = queue.ability((any MovableQueue).self) { try await queue.moveMessages(to: other) }
    /// ```
    ///
    /// A driver finds its own queue behind ``DeadLetters/queue`` by the type of its queues. If you make the innermost
    /// queue accept a message by an ability, call ``innermostDidAccept(_:)`` of this queue afterwards.
    public func ability<Ability>(_ type: Ability.Type) -> Ability? { innermost as? Ability }

    private var innermost: any MessageQueue { (self as? any WrappingQueue)?.wrapped.innermost ?? self }

    /// Tells every ``WrappingQueue`` around the innermost queue that the innermost queue has accepted a message.
    ///
    /// Call it after the innermost queue has accepted a message by an ``ability(_:)`` instead of ``publish(_:)``. For
    /// example, a driver has moved a dead letter there.
    public func innermostDidAccept(_ message: Message) {
        guard let queue = self as? any WrappingQueue else { return }
        queue.wrapped.innermostDidAccept(message)
        queue.didAccept(message)
    }
}
