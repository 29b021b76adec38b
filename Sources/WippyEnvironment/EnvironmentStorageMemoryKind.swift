import WippyDefinition
import WippyRuntime

/// `env.storage.memory`: variables that code sets.
struct EnvironmentStorageMemoryKind: VariableStorageKind {
    static let name: KindName = "env.storage.memory"
    static let summary =
        "Variables that scripts set by `env.set` while the application runs. Until a script sets a variable, it has "
        + "the `default` of its `env.variable`. Placeholders and handlers in Swift always get this default."

    typealias Config = EnvironmentStorageMemoryConfig

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<VariableStorage> {
        .component(VariableStorage(WrittenVariables()))
    }
}

/// The config of an `env.storage.memory`.
struct EnvironmentStorageMemoryConfig: VariableStorageConfig {
    init(from fields: inout FieldReader) {}

    func texts(with reading: StorageReading) -> StoredTexts { .texts([:]) }
}
