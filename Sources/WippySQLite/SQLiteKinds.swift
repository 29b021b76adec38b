public import WippyRuntime

/// The kinds that stand on SQLite.
public enum SQLiteKinds {
    /// Databases in a file or in memory.
    public static let all: [any EntryKind] = [SQLiteKind()]
}
