/// The config of a queue that a driver keeps.
///
/// Drivers and schedules find the queues of a plan by this type. So every kind of queues that names a driver must have
/// such a config.
public protocol QueueConfig: Sendable {
    /// The queue's driver, settings and options.
    var setup: QueueSetup { get }
}
