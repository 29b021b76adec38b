/// The description of a field, for the manual, messages and the schema.
public struct FieldDescription: Hashable, Sendable {
    /// The presence of a field: required, optional, ignored or refused.
    public enum Presence: Hashable, Sendable {
        /// The absence of the field is an error.
        ///
        /// A field below `[]` is required in each element of the list.
        case required
        /// A declaration may leave the field out.
        ///
        /// `written` is the default as it is written in a definition file; nil if there is no fixed default.
        case optional(written: String?)
        /// The field is accepted, but has no effect.
        ///
        /// The help gives the reason.
        case ignored
        /// A declaration with the field is an error.
        ///
        /// The help gives the reason.
        case refused
    }

    /// The condition under which a field exists: another field has a certain value.
    public struct Condition: Hashable, Sendable {
        /// The path of the other field.
        public let field: String

        /// The value that the other field must have.
        public let value: String
    }

    /// The path of the field, such as `timeouts.header`.
    public let path: String

    /// The values that the field accepts.
    public let form: FieldForm

    /// The presence of the field: required, optional, ignored or refused.
    public let presence: Presence

    /// The purpose of the field, in one or more sentences.
    ///
    /// For a field that is ignored or refused, it is the reason.
    public let help: String

    /// The default in words, such as `one for each core`; nil if the default is not described in words.
    public let defaultsTo: String?

    /// True if the value of the field is a secret.
    public let isSecret: Bool

    /// The path of the field in older projects; nil if the field has no older name.
    public let olderName: String?

    /// The path of the map around the field, if the keys of the map may contain dots, such as `cors.max.age` in
    /// `options`; nil for any other field.
    public let flatMap: String?

    /// The condition under which the field exists; nil if it always exists.
    public let condition: Condition?

    /// True if a new value takes effect only at the next start of the program.
    public let isReadAtStart: Bool

    /// True if the entry takes a new value in place.
    public let changesInPlace: Bool

    /// Creates a description.
    init(
        path: String, form: FieldForm, presence: Presence, help: String, defaultsTo: String? = nil,
        isSecret: Bool = false, olderName: String? = nil, flatMap: String? = nil, condition: Condition? = nil,
        isReadAtStart: Bool = false, changesInPlace: Bool = false
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
        self.isReadAtStart = isReadAtStart
        self.changesInPlace = changesInPlace
    }

    /// The accepted values in words, such as `a whole number, 1 through 1000` or `the id of a queue`.
    public var expectation: String {
        switch presence {
        case .required, .optional: form.words + (form.range.map { ", \($0)" } ?? "")
        case .ignored: if case .any = form { "anything" } else { form.words }
        case .refused: "nothing"
        }
    }

    /// Returns the default for the manual, such as `10`, `one for each core` or `required`.
    ///
    /// - Parameter quote: a text to put before and after a default that is a value, such as `10`. Default: empty.
    public func fallback(quotedBy quote: String = "") -> String {
        switch presence {
        case .required: "required"
        case .optional(let written?): "\(quote)\(written)\(quote)"
        case .optional(nil): defaultsTo ?? "none"
        case .ignored, .refused: "none"
        }
    }

    /// The help, with further facts for the manual, such as the older name of the field.
    public var explanation: String {
        switch presence {
        case .required, .optional:
            help + (olderName.map { " The field's older name is `\($0)`." } ?? "")
                + (isReadAtStart ? " A new value takes effect at the next start." : "")
        case .ignored: "Has no effect: \(help)."
        case .refused: "Is not supported: \(help)."
        }
    }
}
