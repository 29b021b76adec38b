public import WippyRuntime

/// Follows the messages of queues in a database.
///
/// The queues call its methods for every message, and wait until they return. So the methods must not block.
public protocol MessageObserver: Sendable {
    /// Called before a message is published.
    ///
    /// - Returns: the message to publish instead.
    func publishing(_ message: Message) -> Message

    /// Called when a message reaches a point of its life. The queue waits until the call returns.
    ///
    /// - Parameters:
    ///   - point: the point.
    ///   - attempt: the number of times that a worker has claimed the message, including this time.
    func passes(_ point: MessagePoint, attempt: Int)
}

/// A point of a message's life.
public enum MessagePoint: String, CaseIterable, Sendable {
    /// The message is in the queue, but its publisher does not know it yet.
    case accepted
    /// A worker has claimed the message, but the handler does not have it yet.
    case claimed
    /// The handler has done its work, but the queue does not know it yet.
    case handled
    /// The message is acknowledged, but the worker does not know it yet.
    case finished
}
