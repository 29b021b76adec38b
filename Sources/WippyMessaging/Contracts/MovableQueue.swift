/// A queue whose messages can move to another queue.
///
/// A reload may build a queue anew, for example with a driver of another kind. If both queues conform to this protocol,
/// the application moves the messages of the old queue to the new queue when the consumers have ended.
public protocol MovableQueue: MessageQueue {
    /// Moves the queue's messages to another queue, except those that a worker has. Ready messages move in their order.
    /// Delayed messages keep their delay. All messages keep their attempts and their headers.
    ///
    /// - Throws: an error of the driver of one of the queues; `CancellationError` when the task is cancelled. Then no
    ///   message is lost, but both queues may have some of the messages.
    func moveMessages(to other: any MovableQueue) async throws

    /// Accepts messages of another queue: all of them or none, even if this queue then holds more than its limit.
    ///
    /// If the driver supports unique keys, the queue keeps one of the messages with the same key.
    ///
    /// - Throws: the driver's error. Then no message was accepted. But if the driver got no answer from its storage, as
    ///   after a lost connection, all of them may have been accepted.
    func accept(_ messages: [QueuedMessage]) async throws
}
