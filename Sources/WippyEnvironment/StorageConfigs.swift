import WippyDefinition
import WippyText

/// The config of an `env.storage.file`.
struct FileStorageConfig: VariableStorageConfig {
    /// The path of the file, relative to the project's folder.
    let path: String

    /// True if the file may be missing.
    let mayBeAbsent: Bool

    /// Reads the fields.
    init(from fields: inout FieldReader) {
        let path: LiteralPath = fields.required(
            "file_path",
            "The path of the file, relative to the project's folder. Each line is `NAME=value` or `export "
                + "NAME=value`, is blank, or is a comment that begins with `#`.")
        self.path = path.text.string
        mayBeAbsent = fields.optional(
            "auto_create", default: false, "Whether the file may be missing. A missing file counts as empty.")
        let reason = "the file is never written"
        fields.ignored("file_mode", because: reason)
        fields.ignored("dir_mode", because: reason)
    }

    func texts(with reading: StorageReading) -> StoredTexts {
        let read = reading.file(
            path, in: "file_path", mayBeAbsent: mayBeAbsent, help: "'auto_create: true' allows that")
        guard let read else { return .texts([:]) }
        let file = VariableFile(read)
        for problem in file.problems { reading.report(problem) }
        return .texts(file.texts)
    }
}

/// The config of an `env.storage.static`.
struct StaticStorageConfig: VariableStorageConfig {
    /// The texts, by the names of their variables.
    let values: [ExactText: Secret]

    /// Reads the fields.
    init(from fields: inout FieldReader) {
        values = fields.required("values", "The value of each variable, by name.")
    }

    func texts(with reading: StorageReading) -> StoredTexts {
        .texts(
            Dictionary(
                uniqueKeysWithValues: values.map { name, secret in
                    (name, StoredText(secret.text, at: reading.location(of: "values", name.string)))
                }))
    }
}

/// The config of an `env.storage.router`.
struct RouterStorageConfig: VariableStorageConfig {
    /// The ids of the storages to ask, in order.
    let storages: [EntryID]

    /// Reads the fields.
    init(from fields: inout FieldReader) {
        storages = fields.references(
            "storages", .variableStorage,
            "The storages to ask, in order. The text comes from the first storage that has the variable.")
        if storages.isEmpty { fields.warnIfWritten("storages", because: "it names no storage") }
    }

    func texts(with reading: StorageReading) -> StoredTexts { .storages(storages) }
}

/// The config of an `env.storage.os`.
struct SystemStorageConfig: VariableStorageConfig {
    init(from fields: inout FieldReader) {}

    func texts(with reading: StorageReading) -> StoredTexts {
        let system = reading.system
        return .lookup { name in system[name].map { StoredText($0, at: SystemVariables.place) } }
    }
}

/// The config of an `env.storage.memory`.
struct MemoryStorageConfig: VariableStorageConfig {
    init(from fields: inout FieldReader) {}

    func texts(with reading: StorageReading) -> StoredTexts { .texts([:]) }
}
