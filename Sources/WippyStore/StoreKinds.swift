public import WippyRuntime

/// The kinds that keep values by their keys.
public enum StoreKinds {
    /// Stores in memory.
    public static let all: [any EntryKind] = [MemoryStoreKind()]
}
