/// The description of a field, for the manual, for messages and for the schema.
public struct FieldDescription: Hashable, Sendable {
    /// Whether the field must be written.
    public enum Presence: Hashable, Sendable {
        /// It is required.
        case required
        /// It is optional, with a default as a definition file would have it, if there is a fixed one.
        case optional(written: String?)
        /// It is accepted and has no effect. The help gives the reason.
        case ignored
        /// It is an error. The help gives the reason.
        case refused
    }

    /// The value that another field must have for this field to exist, such as the handler that it belongs to.
    public struct Condition: Hashable, Sendable {
        /// The other field, as a path.
        public let field: String

        /// Its value.
        public let value: String
    }

    /// The path of the field: `timeouts.header`.
    public let path: String

    /// The values that the field accepts.
    public let form: FieldForm

    /// Whether it must be written.
    public let presence: Presence

    /// What the field is for, in one sentence.
    public let help: String

    /// The default in words, if it is no fixed value: `one for each core`.
    public let defaultsTo: String?

    /// Whether commands, the log and errors hide its value.
    public let isSecret: Bool

    /// Its path in older projects, if it has another there.
    public let olderName: String?

    /// The map that has the rest of the path as one key, with its dots; nil if the maps nest.
    public let flatMap: String?

    /// When the field exists; nil means always.
    public let condition: Condition?

    /// Creates a description.
    init(
        path: String, form: FieldForm, presence: Presence, help: String, defaultsTo: String? = nil,
        isSecret: Bool = false,
        olderName: String? = nil, flatMap: String? = nil, condition: Condition? = nil
    ) {
        self.path = path
        self.form = form
        self.presence = presence
        self.help = help
        self.defaultsTo = defaultsTo
        self.isSecret = isSecret
        self.olderName = olderName
        self.flatMap = flatMap
        self.condition = condition
    }

    /// What it takes, in words: `a whole number, 1 through 1000`, or `the id of a queue`.
    public var expectation: String {
        switch presence {
        case .required, .optional: form.words + (form.range.map { ", \($0)" } ?? "")
        case .ignored: "anything"
        case .refused: "nothing"
        }
    }

    /// The default in words: `10`, `required`, `none`.
    ///
    /// - Parameter quote: a text before and after a fixed value.
    public func fallback(quotedBy quote: String = "") -> String {
        switch presence {
        case .required: "required"
        case .optional(let written?): "\(quote)\(written)\(quote)"
        case .optional(nil): defaultsTo ?? "none"
        case .ignored: "no effect"
        case .refused: "refused"
        }
    }

    /// What the field is for, and its older name if it has one.
    public var explanation: String { help + (olderName.map { " Its older name is `\($0)`." } ?? "") }
}
