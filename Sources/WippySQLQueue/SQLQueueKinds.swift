public import WippyRuntime

/// The kinds of durable queues.
public enum SQLQueueKinds {
    /// The driver that keeps the messages of queues in tables.
    public static let all: [any EntryKind] = [QueueSQLDriverKind()]

    /// The driver, whose messages are watched.
    package static func driver(observer: any MessageObserver) -> any EntryKind {
        QueueSQLDriverKind(observer: observer)
    }
}
