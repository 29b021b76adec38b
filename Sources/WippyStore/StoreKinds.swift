public import WippyRuntime

/// The kinds of stores.
public enum StoreKinds {
    /// The kind `store.memory`: stores in memory.
    public static let all: [any ProgramPart] = [StoreMemoryKind()]
}
