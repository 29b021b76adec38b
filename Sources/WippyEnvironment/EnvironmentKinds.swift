public import WippyRuntime

/// The kinds of variables and of their storages.
public enum EnvironmentKinds {
    /// All kinds of the family: `env.variable` and the five storages `env.storage.*`.
    public static let all: [any ProgramPart] = [
        EnvironmentStorageFileKind(), EnvironmentStorageMemoryKind(), EnvironmentStorageOSKind(),
        EnvironmentStorageRouterKind(), EnvironmentStorageStaticKind(), EnvironmentVariableKind(),
    ]
}
