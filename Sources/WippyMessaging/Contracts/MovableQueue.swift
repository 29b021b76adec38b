/// A queue whose messages can move to another queue.
///
/// When a reload builds a queue anew, for example with a driver of another kind, the application moves the messages of
/// the old queue to the new queue, after the consumers have ended. Both queues must conform to this protocol.
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
    /// - Throws: the driver's error. Then no message was accepted, except when the driver cannot know, as after a
    ///   connection that was lost while the answer was on its way. Then all of them may have been accepted.
    func accept(_ messages: [QueuedMessage]) async throws
}
