import WippyDefinition
import WippyText

/// The config of an `env.variable`.
struct NamedVariableConfig: VariableConfig {
    /// The field with the public name.
    static let nameField = "variable"

    private static let readOnlyField = "read_only"

    let storage: Reference<VariableStorage>?
    let name: ExactText?
    let isSecret: Bool
    let isReadOnly: Bool
    let fallback: StoredText?
    let value: VariableValue?

    init(from fields: inout FieldReader) {
        storage = fields.optionalReference(
            "storage", .variableStorage, defaultsTo: "the process's environment", "The storage that holds the value.")
        let name: PublicName? = fields.optional(
            Self.nameField, defaultsTo: "the entry's name in the storage, and the entry's id in `${env:…}`",
            "The variable's name in the storage and in `${env:NAME}`. A name that begins with a digit cannot stand in "
                + "`${env:NAME}`.")
        self.name = name?.text
        let isSecret = fields.optional(
            "secret", default: false,
            "Whether the value is secret. Commands that show entries, the log of the runtime and its errors hide it.")
        self.isSecret = isSecret
        fallback = fields.custom(
            "default", form: VariableText.form, default: nil, secrecy: isSecret ? .whole : .none,
            "The value if the storage has none, or only an empty text."
        ) { node, _ throws(FieldProblem) in
            StoredText(try VariableText(reading: node).text, at: node.location)
        }
        fields.olderName("readonly", of: Self.readOnlyField)
        isReadOnly = fields.optional(
            Self.readOnlyField, default: false,
            "Whether code may only read the variable, not set it.")
        value = fields.variable
    }

    /// Returns true if both have the same settings and the same text.
    static func == (left: NamedVariableConfig, right: NamedVariableConfig) -> Bool {
        left.storage == right.storage && left.name == right.name && left.isSecret == right.isSecret
            && left.isReadOnly == right.isReadOnly && left.value == right.value
    }
}

/// The public name of a variable.
private struct PublicName: FieldValue {
    let text: ExactText

    static let form = FieldForm.pattern(
        VariableReference.publicName.pattern, words: "a name of letters, digits and '_'")
    static var substitute: PublicName { PublicName(text: "") }
    var written: String { text.string }

    init(text: ExactText) {
        self.text = text
    }

    init(reading node: Node) throws(FieldProblem) {
        guard let text = node.scalar?.text, VariableReference.publicName.spells(text) else {
            throw .expected(Self.form, got: node)
        }
        self.text = ExactText(text)
    }
}
