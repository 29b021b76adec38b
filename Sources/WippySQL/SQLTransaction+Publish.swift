public import WippyMessaging
import WippyRuntime
public import WippyValues

extension SQLTransaction {
    /// Publishes a message as a part of the transaction.
    ///
    /// The message exists only if the transaction commits.
    ///
    /// ```swift
    /// try await database.transaction { transaction in
    ///     try await transaction.execute("INSERT INTO orders (id) VALUES (\(id))")
    ///     try await transaction.publish(["order": .string(id)], to: orders)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - body: the body of the message.
    ///   - queue: a ``TransactionalQueue`` in the transaction's database, such as one with a `queue.driver.sql`.
    ///   - headers: the headers of the message. Default: none.
    /// - Returns: the id of the message.
    /// - Throws: `WippyError` of kind `Invalid` when the queue is not a ``TransactionalQueue`` in the transaction's
    ///   database, or when the driver refuses the headers or the body; `WippyError` of kind `Unavailable` when the
    ///   driver does not run, or when the queue is full; also the errors of a statement.
    @discardableResult
    public func publish(
        _ body: Value, to queue: Queue, headers: ValueMap = ValueMap()
    ) async throws -> UniqueID {
        let message = Message(body: body, headers: headers)
        try await publish(message, to: queue.target)
        return message.id
    }

    /// Publishes a message as a part of the transaction, like ``publish(_:to:headers:)``.
    ///
    /// A `ScheduleStore` of yours can use it.
    ///
    /// - Returns: true if the queue keeps the message when the transaction commits; false if it has dropped the message
    ///   because of its unique key.
    @discardableResult
    public func publish(_ message: Message, to queue: any MessageQueue) async throws -> Bool {
        guard let inner = queue.ability((any TransactionalQueue).self),
            let transaction = self as? any QueueTransaction
        else {
            throw WippyError(
                .invalid,
                "a transaction can publish only to queues that keep their messages in its own database",
                isRetryable: false)
        }
        let message = queue.innermostWillPublish(message)
        let isKept = try await inner.publish(message, in: transaction)
        if isKept, queue is any WrappingQueue {
            transaction.onEnd { outcome in if outcome == .kept { queue.innermostDidAccept(message) } }
        }
        return isKept
    }

    /// Encodes a value, and publishes it as a part of the transaction.
    ///
    /// The encoded value is the body of the message.
    ///
    /// - Returns: the id of the message.
    /// - Throws: the errors of ``publish(_:to:headers:)``; `WippyError` of kind `Invalid` when the value cannot be
    ///   encoded, or the `WippyError` that the value's own code has thrown.
    @discardableResult
    public func publish(
        encoding body: some Encodable & Sendable, to queue: Queue, headers: ValueMap = ValueMap()
    ) async throws -> UniqueID {
        try await publish(ValueEncoder.value(of: body, as: "message's body"), to: queue, headers: headers)
    }
}
