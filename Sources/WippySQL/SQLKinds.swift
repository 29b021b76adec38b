public import WippyRuntime

/// The kinds that stand on databases of any kind.
public enum SQLKinds {
    /// The driver that keeps the messages of queues in tables.
    public static let all: [any EntryKind] = [QueueSQLDriverKind()]
}
