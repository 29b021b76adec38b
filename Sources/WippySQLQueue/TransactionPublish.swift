import WippyQueue
public import WippyRuntime
public import WippySQL
public import WippyValues

/// A queue to which a transaction of its database can publish.
package protocol TransactionalQueue: MessageQueue {
    /// Adds a message within a transaction, with which it is kept or dropped.
    ///
    /// - Throws: as ``SQLTransaction/publish(_:to:headers:)``.
    func publish(_ message: Message, in transaction: any QueueTransaction) async throws
}

extension WippyError {
    /// What a transaction says that is to publish to a queue which is not in its database.
    package static var notTransactional: WippyError {
        WippyError(
            .invalid,
            "a transaction publishes only to queues whose driver is a 'queue.driver.sql' on its own database",
            isRetryable: false)
    }
}

extension SQLTransaction {
    /// Publishes a value with the transaction.
    ///
    /// The message exists if, and only if, the transaction commits.
    ///
    /// ```swift
    /// try await database.transaction { transaction in
    ///     try await transaction.execute("INSERT INTO orders (id) VALUES (\(id))")
    ///     try await transaction.publish(["order": .string(id)], to: orders)
    /// }
    /// ```
    ///
    /// - Parameter queue: a queue whose `queue.driver.sql` uses the transaction's database.
    /// - Returns: the message's id.
    /// - Throws: ``WippyError`` of kind `Invalid` for any other queue; `Unavailable` when the queue is full, because
    ///   nobody waits for room within a transaction; otherwise the errors of a statement.
    @discardableResult
    public func publish(
        _ body: Value, to queue: Queue, headers: ValueMap = ValueMap()
    ) async throws -> UniqueID {
        let message = Message(body: body, headers: headers)
        try await publish(message, to: queue.target)
        return message.id
    }

    /// Publishes a message with the transaction, as ``publish(_:to:headers:)``.
    package func publish(_ message: Message, to queue: any MessageQueue) async throws {
        guard let queue = queue as? any TransactionalQueue, let transaction = self as? any QueueTransaction
        else {
            throw WippyError.notTransactional
        }
        try await queue.publish(message, in: transaction)
    }

    /// Publishes an encodable body with the transaction.
    ///
    /// - Returns: the message's id.
    /// - Throws: as ``publish(_:to:headers:)``, and `Invalid` when the body cannot be encoded.
    @discardableResult
    public func publish(
        encoding body: some Encodable & Sendable, to queue: Queue, headers: ValueMap = ValueMap()
    ) async throws -> UniqueID {
        try await publish(ValueEncoder.value(of: body, as: "message's body"), to: queue, headers: headers)
    }
}
