public import WippyRuntime

/// The kinds of the family of queues.
public enum QueueKinds {
    /// All kinds of the family: queues, consumers, schedules, and the driver in memory.
    public static let all: [any ProgramPart] = [
        QueueConsumerKind(), QueueDriverMemoryKind(), QueueKind(), QueueScheduleKind(),
    ]
}
