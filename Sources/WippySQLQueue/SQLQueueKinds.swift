public import WippyRuntime

/// The kinds for durable queues.
public enum SQLQueueKinds {
    /// The driver that keeps messages in the tables of a database.
    public static let all: [any EntryKind] = [QueueSQLDriverKind()]

    /// Returns the driver's kind with an observer of its messages.
    package static func driver(observer: any MessageObserver) -> any EntryKind {
        QueueSQLDriverKind(observer: observer)
    }
}
