public import WippyText

/// What an `env.storage.file` says.
public struct FileStorageConfig: EntryConfig {
    /// The path of the file.
    public let path: String

    /// Whether the file need not be there.
    public let mayBeAbsent: Bool

    /// Reads the configuration.
    public init(from fields: inout FieldReader) {
        path = fields.required("file_path", "The file, a `NAME=text` on each line; seen from the project's folder.")
        if let problem = LiteralPath.problem(with: path) {
            fields.reject("file_path", problem)
        } else if path.utf8.contains(0) {
            fields.reject("file_path", "cannot hold a zero byte")
        }
        mayBeAbsent = fields.optional(
            "auto_create", default: false, "Whether the file may be missing, as one that holds nothing.")
        let reason = "nothing writes the file"
        fields.ignored("file_mode", because: reason)
        fields.ignored("dir_mode", because: reason)
    }
}

/// What an `env.storage.static` says.
public struct StaticStorageConfig: EntryConfig {
    /// The texts, by the names of their variables.
    public let values: [ExactText: Secret]

    /// Reads the configuration.
    public init(from fields: inout FieldReader) {
        values = fields.required("values", "The texts, by the names of their variables.")
    }
}

/// What an `env.storage.router` says.
public struct RouterStorageConfig: EntryConfig {
    /// The storages that are asked, in order.
    public let storages: [EntryID]

    /// Reads the configuration.
    public init(from fields: inout FieldReader) {
        storages = fields.references(
            "storages", .variableStorage, "The storages that are asked, in order; the first one that has a text wins.")
    }
}
