public import WippyRuntime

/// The kinds of stores.
public enum StoreKinds {
    /// Stores in memory.
    public static let all: [any ProgramPart] = [MemoryStoreKind()]
}
