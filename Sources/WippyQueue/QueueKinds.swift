public import WippyRuntime

/// The kinds of the family of queues.
public enum QueueKinds {
    /// The kinds for queues, consumers, schedules and the driver in memory, and a check of the program's own kinds for
    /// queues.
    public static let all: [any ProgramPart] = [
        QueueConsumerKind(), QueueDriverMemoryKind(), QueueKind(), QueueScheduleKind(), QueueCheck(),
    ]
}
