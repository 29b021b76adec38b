public import WippyDefinition
public import WippyRuntime

/// A kind whose entries are storages of variables.
///
/// The config returns the texts when the project is read. At run time, code can set texts if the component of the entry
/// has `WrittenVariables`.
public protocol VariableStorageKind: EntryKind where Config: VariableStorageConfig, Component == VariableStorage {}

extension VariableStorageKind {
    /// Offers the contract of a storage, which variables and other storages can name.
    public func offers(_ entry: Entry<Config>) -> [Offer<VariableStorage>] { [Offer(.variableStorage) { $0 }] }

    /// Builds a component to which other entries can refer.
    ///
    /// The storage's texts have been read already.
    public func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<VariableStorage> {
        .component(VariableStorage())
    }
}

/// `env.storage.os`: the variables of the process's environment.
struct SystemStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.os"
    static let summary = "The variables of the process's environment, as they were when the process started."

    typealias Config = SystemStorageConfig
}

/// `env.storage.memory`: variables that code sets.
struct MemoryStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.memory"
    static let summary =
        "Variables that code sets while the application runs. Until code sets a variable, the variable has its default."

    typealias Config = MemoryStorageConfig

    func build(_ entry: Entry<MemoryStorageConfig>, with context: BuildContext) throws -> Built<VariableStorage> {
        .component(VariableStorage(WrittenVariables()))
    }
}

/// `env.storage.file`: a `.env` file.
struct FileStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.file"
    static let summary = "Variables from a file such as `.env`, with one `NAME=value` on a line."

    typealias Config = FileStorageConfig
}

/// `env.storage.static`: variables whose texts are in the definition file.
struct StaticStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.static"
    static let summary = "Variables whose values are in the entry itself."

    typealias Config = StaticStorageConfig
}

/// `env.storage.router`: several storages, asked one after another.
struct RouterStorageKind: VariableStorageKind {
    static let name: KindName = "env.storage.router"
    static let summary =
        "Several storages, which are asked in order. Code sets a variable in the first one that can be written, such "
        + "as an `env.storage.memory`."

    typealias Config = RouterStorageConfig

    func build(_ entry: Entry<RouterStorageConfig>, with context: BuildContext) throws -> Built<VariableStorage> {
        let written = try entry.config.storages.lazy.compactMap { id in
            try context.resolve(id, as: .variableStorage).target.written
        }.first
        return .component(VariableStorage(written))
    }
}
