import WippyDefinition
import WippyRuntime

/// `env.storage.router`: several storages, asked one after another.
struct EnvironmentStorageRouterKind: VariableStorageKind {
    static let name: KindName = "env.storage.router"
    static let summary =
        "Several storages, which are asked in order. Code sets a variable in the first one that can be written, such "
        + "as an `env.storage.memory`."

    typealias Config = EnvironmentStorageRouterConfig

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<VariableStorage> {
        let written = try entry.config.storages.lazy.compactMap { storage in
            try context.resolve(storage).target.written
        }.first
        return .component(VariableStorage(written))
    }
}

/// The config of an `env.storage.router`.
struct EnvironmentStorageRouterConfig: VariableStorageConfig {
    /// The storages to ask, in order.
    let storages: [Reference<VariableStorage>]

    /// Reads the fields.
    init(from fields: inout FieldReader) {
        storages = fields.references(
            "storages", .variableStorage,
            "The storages to ask, in order. The text comes from the first storage that has the variable.")
        if storages.isEmpty { fields.warnIfWritten("storages", because: "it names no storage") }
    }

    func texts(with reading: StorageReading) -> StoredTexts { .storages(storages.map(\.id)) }
}
