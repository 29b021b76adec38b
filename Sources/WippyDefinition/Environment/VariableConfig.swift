public import WippyText

/// What an `env.variable` says: a named text from outside.
public struct VariableConfig: EntryConfig {
    /// Where its text is looked for; nil for the process's environment.
    public let storage: Reference<VariableStorage>?

    /// The name under which the storage has it, and under which placeholders find it; nil if only its id finds it.
    public let name: ExactText?

    /// Whether nothing may show its text.
    public let isSecret: Bool

    /// Its text as it has been read; nil where there is none.
    public let value: VariableValue?

    /// What it is when the storage does not have it.
    let fallback: (text: String, place: Location)?

    /// Reads the configuration.
    public init(from fields: inout FieldReader) {
        storage = fields.optionalReference(
            "storage", .variableStorage, "Where its text is looked for; unwritten, in the process's environment.")
        let name: PublicName? = fields.optional(
            "variable",
            "The name under which the storage has it, and `${env:NAME}` finds it; unwritten, the entry's own name, and "
                + "only its id finds it.")
        self.name = name?.text
        let isSecret = fields.optional(
            "secret", default: false, "Whether no command, no log and no error may show its text.")
        self.isSecret = isSecret
        fallback = fields.custom(
            "default", form: VariableText.form, default: nil, secrecy: isSecret ? .whole : .none,
            "Its text where the storage has none."
        ) { node, _ throws(FieldProblem) in
            (try VariableText(reading: node).text, node.location)
        }
        fields.olderName("readonly", of: "read_only")
        let _: Bool = fields.optional(
            "read_only", default: false, "Whether code may not change it; no code can change variables yet.")
        value = fields.variable
    }

    /// Whether both say the same, and the variable has the same text.
    public static func == (left: VariableConfig, right: VariableConfig) -> Bool {
        left.storage == right.storage && left.name == right.name && left.isSecret == right.isSecret
            && left.value == right.value
    }
}

/// The public name of a variable.
private struct PublicName: FieldValue {
    let text: ExactText

    static var form: FieldForm { .pattern("^[A-Za-z0-9_]+$", words: "a name of letters, digits and '_'") }
    static var placeholder: PublicName { PublicName(text: "") }
    var written: String { text.string }

    init(text: ExactText) {
        self.text = text
    }

    init(reading node: Node) throws(FieldProblem) {
        guard let text = node.scalar?.text, !text.isEmpty, text.utf8.allSatisfy(VariableReference.isOfPublicName) else {
            throw .expected(Self.form, got: node)
        }
        self.text = ExactText(text)
    }
}

/// The text of a variable, as it was when the project was read.
public struct VariableValue: Sendable {
    /// The text; nil if neither its storage nor its entry has one.
    public let text: String?

    /// Where the text stands; where it is declared if there is none.
    public let place: Location

    /// Whether nothing may show it.
    public let isSecret: Bool

    /// Creates the value.
    public init(text: String?, place: Location, isSecret: Bool) {
        self.text = text
        self.place = place
        self.isSecret = isSecret
    }
}

extension VariableValue: Equatable {
    /// Whether both have the same text, wherever it stands.
    public static func == (left: VariableValue, right: VariableValue) -> Bool {
        left.text.map { ExactText($0) } == right.text.map { ExactText($0) } && left.isSecret == right.isSecret
    }
}

extension VariableValue: CustomStringConvertible, CustomReflectable {
    /// The text, unless it is a secret.
    public var description: String { isSecret ? "a secret" : text ?? "nothing" }

    /// Nothing that the description does not show.
    public var customMirror: Mirror { Mirror(self, children: ["text": description]) }
}

/// What holds the texts of variables; they have been read when the project was.
public struct VariableStorage: Sendable {
    /// Creates it.
    public init() {}
}

extension Contract where Offered == VariableStorage {
    /// Something that holds the texts of variables.
    public static var variableStorage: Contract { Contract("a storage of variables") }
}
