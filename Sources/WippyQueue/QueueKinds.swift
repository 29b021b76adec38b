public import WippyRuntime

/// The kinds that keep messages and hand them on.
public enum QueueKinds {
    /// Queues, their consumers, schedules that publish to them, and the driver that keeps messages in memory.
    public static let all: [any EntryKind] = [
        QueueConsumerKind(), QueueKind(), QueueMemoryDriverKind(), QueueScheduleKind(),
    ]
}
