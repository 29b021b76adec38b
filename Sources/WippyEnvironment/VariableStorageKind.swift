import WippyDefinition
import WippyRuntime

/// A kind of storage: it has been read when the project was, and does nothing at run time.
protocol VariableStorageKind: EntryKind where Component == VariableStorage {}

extension VariableStorageKind {
    func offers(_ entry: Entry<Config>) -> [Offer<VariableStorage>] { [Offer(.variableStorage) { $0 }] }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<VariableStorage> {
        .component(VariableStorage())
    }
}

/// `env.storage.os`: the process's environment.
struct SystemStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.os"
    static let summary = "The variables of the process's environment, as they were when it was started."

    typealias Config = NoConfig
}

/// `env.storage.memory`: variables that code sets.
struct MemoryStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.memory"
    static let summary = "Variables that code sets; no code can yet, so it holds none, and their defaults count."

    typealias Config = NoConfig
}

/// `env.storage.file`: a `.env` file.
struct FileStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.file"
    static let summary = "The variables of a file, such as `.env`, with a `NAME=text` on each line."

    typealias Config = FileStorageConfig
}

/// `env.storage.static`: variables that the definition file itself holds.
struct StaticStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.static"
    static let summary = "Variables whose texts stand in the entry itself."

    typealias Config = StaticStorageConfig
}

/// `env.storage.router`: one storage after another.
struct RouterStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.router"
    static let summary = "Several storages, asked one after another."

    typealias Config = RouterStorageConfig
}
