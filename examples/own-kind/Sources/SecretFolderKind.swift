import Wippy

/// `env.storage.folder`: variables that are files of a folder.
///
/// Docker and Kubernetes mount secrets in this way.
struct SecretFolderKind: VariableStorageKind {
    static let name: KindName = "env.storage.folder"
    static let summary = "Variables in the files of a folder, such as a container's secrets."

    struct Config: VariableStorageConfig {
        let folder: String

        init(from fields: inout FieldReader) {
            folder = fields.required("folder", "The folder, relative to the project. Each file in it is a variable.")
        }

        func texts(with reading: StorageReading) -> StoredTexts {
            .lookup { name in
                guard let file = reading.file("\(folder)/\(name)", in: "folder", mayBeAbsent: true) else { return nil }
                return StoredText(file.lines[0], at: Location(file: file.path, line: 1, column: 1))
            }
        }
    }
}
