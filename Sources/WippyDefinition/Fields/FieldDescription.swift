/// A row of the manual: what one field is, as the call that reads it says.
public struct FieldDescription: Hashable, Sendable {
    /// Whether the field must be written.
    public enum Presence: Hashable, Sendable {
        /// It must be.
        case required
        /// It need not be; the default as one would write it, if there is one.
        case optional(written: String?)
        /// It is accepted and has no effect, for the reason given.
        case ignored
        /// It is an error to write it, for the reason given.
        case refused
    }

    /// What another field must say for this one to be there: the handler whose configuration it belongs to.
    public struct Condition: Hashable, Sendable {
        /// The other field, as a path.
        public let field: String

        /// Its value.
        public let value: String
    }

    /// The field as a path: `timeouts.header`.
    public let path: String

    /// What it takes.
    public let form: FieldForm

    /// Whether it must be written.
    public let presence: Presence

    /// What it is for, one sentence.
    public let help: String

    /// What holds where it is not written, in words, if that is no fixed value: `one for each core`.
    public let defaultsTo: String?

    /// Whether nothing may show its value: no command, no log, no error.
    public let isSecret: Bool

    /// The path under which older projects write it, if they do.
    public let olderName: String?

    /// The map that has the field under the rest of its path as one name, dots included; nil if its maps nest.
    public let flatMap: String?

    /// When it is there; nil is always.
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

    /// What it takes in words: `a whole number, 1 through 1000`, or `the id of a queue`.
    public var expectation: String {
        switch presence {
        case .required, .optional: form.words + (form.range.map { ", \($0)" } ?? "")
        case .ignored: "anything"
        case .refused: "nothing"
        }
    }

    /// What holds where it is not written: `10`, `required`, `none`.
    ///
    /// - Parameter quote: what stands before and behind a fixed value.
    public func fallback(quotedBy quote: String = "") -> String {
        switch presence {
        case .required: "required"
        case .optional(let written?): "\(quote)\(written)\(quote)"
        case .optional(nil): defaultsTo ?? "none"
        case .ignored: "no effect"
        case .refused: "refused"
        }
    }

    /// What it is for, and its older name, if it has one.
    public var explanation: String { help + (olderName.map { " Its older name is `\($0)`." } ?? "") }
}
