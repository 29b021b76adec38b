import WippyDefinition
import WippyRuntime
import WippyText

/// `env.storage.static`: variables whose texts are in the definition file.
struct EnvironmentStorageStaticKind: VariableStorageKind {
    static let name: KindName = "env.storage.static"
    static let summary = "Variables whose values are in the entry itself."

    typealias Config = EnvironmentStorageStaticConfig
}

/// The config of an `env.storage.static`.
struct EnvironmentStorageStaticConfig: VariableStorageConfig {
    /// The texts, by the names of their variables.
    let values: [ExactText: Secret]

    private static let valuesField = "values"

    /// Reads the fields.
    init(from fields: inout FieldReader) {
        values = fields.required(
            Self.valuesField,
            "The value of each variable, by name. Commands hide it in this entry, but show it as the text of an "
                + "`env.variable` without `secret: true`.")
    }

    func texts(with reading: StorageReading) -> StoredTexts {
        .texts(
            Dictionary(
                uniqueKeysWithValues: values.map { name, secret in
                    (name, StoredText(secret.text, at: reading.location(of: Self.valuesField, name.string)))
                }))
    }
}
