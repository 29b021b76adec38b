public import WippyMessaging

/// A queue to which a transaction of its own database can publish.
public protocol TransactionalQueue: MessageQueue {
    /// Adds a message within a transaction. If the transaction does not commit, the message is dropped.
    ///
    /// - Throws: the errors of `SQLTransaction.publish(_:to:headers:)`.
    func publish(_ message: Message, in transaction: any QueueTransaction) async throws
}
