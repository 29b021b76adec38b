import WippyDefinition
import WippyRuntime

/// `env.storage.router`: several storages, asked one after another.
struct EnvironmentStorageRouterKind: VariableStorageKind {
    static let name: KindName = "env.storage.router"
    static let summary =
        "Several storages, which are asked in order. The text of a variable comes from the first one that has a text "
        + "for it. An empty text counts as none. Code sets a variable in the first storage that can be written, such "
        + "as an `env.storage.memory`. So a text that code sets has no effect while a storage before that one has one."

    typealias Config = EnvironmentStorageRouterConfig

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<VariableStorage> {
        // The component holds those of the storages, so it must be built anew when one of them is.
        let storages = try entry.config.storages.map { storage in
            (storage.id, try context.base(storage.id, inCodeAs: .variableStorage))
        }
        return .component(VariableStorage(asking: storages))
    }
}

/// The config of an `env.storage.router`.
struct EnvironmentStorageRouterConfig: VariableStorageConfig {
    /// The storages to ask, in order.
    let storages: [Reference<VariableStorage>]

    private static let storagesField = "storages"

    /// Reads the fields.
    init(from fields: inout FieldReader) {
        storages = fields.references(
            Self.storagesField, .variableStorage,
            "The storages to ask, in order. The text comes from the first storage that has one.")
        if storages.isEmpty { fields.warnIfWritten(Self.storagesField, because: "it names no storage") }
    }

    func texts(with reading: StorageReading) -> StoredTexts { .storages(storages.map(\.id)) }
}
