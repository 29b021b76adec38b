public import WippyRuntime

/// The kinds of the family of queues.
public enum QueueKinds {
    /// All kinds of the family, which are queues, consumers, schedules and the driver in memory, and its check.
    public static let all: [any ProgramPart] = [
        QueueConsumerKind(), QueueDriverMemoryKind(), QueueKind(), QueueScheduleKind(), QueueCheck(),
    ]
}
