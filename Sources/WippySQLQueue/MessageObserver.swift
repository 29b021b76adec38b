package import WippyRuntime

/// Watches the messages of queues in tables on their way.
package protocol MessageObserver: Sendable {
    /// A message is about to be published.
    ///
    /// - Returns: what is published in its place.
    func publishing(_ message: Message) -> Message

    /// A message has come to a point of its life, and goes on when the call returns.
    ///
    /// - Parameter attempt: how often it has been a worker's, this time included.
    func passes(_ point: MessagePoint, attempt: Int)
}

/// A point of a message's life.
package enum MessagePoint: String, CaseIterable, Sendable {
    /// It is in the queue, and its publisher does not know it yet.
    case accepted
    /// It is a worker's, and the handler does not have it yet.
    case claimed
    /// Its handler has done its work, and the queue does not know it yet.
    case handled
    /// It is done with, and the worker does not know it yet.
    case finished
}
