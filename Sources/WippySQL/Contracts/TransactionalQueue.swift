public import WippyMessaging

/// A queue to which a transaction of its own database can publish.
public protocol TransactionalQueue: MessageQueue {
    /// Adds a message within a transaction. If the transaction does not commit, the message is dropped.
    ///
    /// - Returns: true if the queue keeps the message when the transaction commits; false if it has dropped the message
    ///   because of its unique key.
    /// - Throws: the errors of `SQLTransaction.publish(_:to:headers:)`.
    @discardableResult
    func publish(_ message: Message, in transaction: any QueueTransaction) async throws -> Bool
}
