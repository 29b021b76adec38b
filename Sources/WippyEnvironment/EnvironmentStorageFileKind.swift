import WippyDefinition
import WippyRuntime
import WippyText

/// `env.storage.file`: a `.env` file.
struct EnvironmentStorageFileKind: VariableStorageKind {
    static let name: KindName = "env.storage.file"
    static let summary = "Variables from a file such as `.env`, with one `NAME=value` on a line."

    typealias Config = EnvironmentStorageFileConfig
}

/// The config of an `env.storage.file`.
struct EnvironmentStorageFileConfig: VariableStorageConfig {
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
