public import WippyMessaging

/// Follows the messages of queues in a database.
///
/// The queues call its methods, and wait until they return. So the methods must not block.
public protocol MessageObserver: Sendable {
    /// Called before a message is published.
    ///
    /// - Returns: the message to publish instead.
    func publishing(_ message: Message) -> Message

    /// Called when a message reaches a point of its life.
    ///
    /// - Parameters:
    ///   - point: the point.
    ///   - attempt: the number of the attempt to handle the message, counted from 1; 0 at ``MessagePoint/accepted``.
    func passes(_ point: MessagePoint, attempt: Int)
}

/// A point of a message's life.
public enum MessagePoint: String, CaseIterable, Sendable {
    /// The message is in the queue, but its publisher does not know it yet.
    ///
    /// A message that the queue drops, or that was only moved here, does not pass this point.
    case accepted
    /// The message is claimed for a worker, but the handler does not have it yet.
    case claimed
    /// The handler has done its work, but the queue does not know it yet.
    ///
    /// If the database fails, the worker tries again, and the message passes this point again.
    case handled
    /// The message is acknowledged, but the worker does not know it yet.
    ///
    /// A message whose claim was lost does not pass this point.
    case finished
}
