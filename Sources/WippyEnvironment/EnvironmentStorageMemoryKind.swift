import WippyDefinition
import WippyRuntime

/// `env.storage.memory`: variables that code sets.
struct EnvironmentStorageMemoryKind: VariableStorageKind {
    static let name: KindName = "env.storage.memory"
    static let summary =
        "Variables that code sets while the application runs. Until code sets a variable, or if it sets the empty "
        + "text, the variable has the `default` of its `env.variable`. Placeholders and handlers in Swift always get "
        + "this default."

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
