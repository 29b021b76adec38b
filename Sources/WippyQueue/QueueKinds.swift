package import WippyDefinition
public import WippyRuntime

/// The kinds of the family of queues.
public enum QueueKinds {
    /// All kinds of the family: queues, consumers, schedules, and the driver in memory.
    public static let all: [any ProgramPart] = [
        QueueConsumerKind(), QueueKind(), QueueMemoryDriverKind(), QueueScheduleKind(),
    ]

    /// Makes a queue in front of the queue of an entry.
    package typealias Wrapping = @Sendable (any MessageQueue, EntryID) -> any WrappingQueue

    /// Returns the kind of queues, with another queue before each of them.
    package static func queue(_ wrap: @escaping Wrapping) -> any EntryKind { QueueKind(wrap: wrap) }
}
