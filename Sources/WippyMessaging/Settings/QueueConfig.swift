public import WippyDefinition

/// The config of a queue.
///
/// A kind of queue drivers finds the queues of a plan by this type. So every kind of queues that names a driver must
/// have such a config.
public protocol QueueConfig: Sendable {
    /// The driver that keeps the queue's messages.
    var driver: Base<any QueueDriver> { get }

    /// The settings of the queue.
    var settings: QueueSettings { get }
}
