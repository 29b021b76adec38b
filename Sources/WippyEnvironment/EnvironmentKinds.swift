public import WippyRuntime

/// The kinds of settings from outside: variables, and the storages that have their texts.
public enum EnvironmentKinds {
    /// Variables and their storages.
    public static let all: [any EntryKind] = [
        FileStorageKind(), MemoryStorageKind(), RouterStorageKind(), StaticStorageKind(), SystemStorageKind(),
        VariableKind(),
    ]
}
