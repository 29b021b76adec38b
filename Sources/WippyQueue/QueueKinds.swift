public import WippyDefinition
public import WippyMessaging
public import WippyRuntime

/// The kinds of the family of queues.
public enum QueueKinds {
    /// All kinds of the family: queues, consumers, schedules, and the driver in memory.
    public static let all: [any ProgramPart] = [
        QueueConsumerKind(), QueueDriverMemoryKind(), QueueKind(), QueueScheduleKind(),
    ]

    /// Makes a queue that wraps the queue of an entry.
    public typealias Wrapping = @Sendable (any MessageQueue, EntryID) -> any WrappingQueue

    /// Returns the kind of queues, with a wrapping queue around each of them.
    ///
    /// The wrapping queue learns of each message that is published or becomes a dead letter there. Put the kind in the
    /// place of the usual one:
    ///
    /// ```swift
    /// kinds: .standard.replacing(with: [QueueKinds.queue { Audited(wrapped: $0, id: $1) }])
    /// ```
    public static func queue(_ wrap: @escaping Wrapping) -> any EntryKind { QueueKind(wrap: wrap) }
}
