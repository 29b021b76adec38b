import WippyDefinition
import WippyRuntime

/// `env.storage.os`: the variables of the process's environment.
struct EnvironmentStorageOSKind: VariableStorageKind {
    static let name: KindName = "env.storage.os"
    static let summary = "The variables of the process's environment. One with an empty text counts as missing."

    typealias Config = EnvironmentStorageOSConfig
}

/// The config of an `env.storage.os`.
struct EnvironmentStorageOSConfig: VariableStorageConfig {
    init(from fields: inout FieldReader) {}

    func texts(with reading: StorageReading) -> StoredTexts {
        let system = reading.system
        return .lookup { name in system[name].map { StoredText($0, at: SystemVariables.place) } }
    }
}
