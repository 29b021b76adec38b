public import WippyRuntime

/// The kinds of variables and of their storages.
public enum EnvironmentKinds {
    /// Variables and their storages.
    public static let all: [any EntryKind] = [
        FileStorageKind(), MemoryStorageKind(), RouterStorageKind(), StaticStorageKind(), SystemStorageKind(),
        VariableKind(),
    ]
}
