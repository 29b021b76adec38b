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

    /// The field as a path: `timeouts.header`.
    public let path: String

    /// What it takes: `a duration such as 10s`, or `the id of a queue`.
    public let expectation: String

    /// Whether it must be written.
    public let presence: Presence

    /// The range of its values in words, if it has one: `1 through 1000`.
    public let range: String?

    /// What it is for, one sentence.
    public let help: String

    /// Whether nothing may show its value: no command, no log, no error.
    public let isSecret: Bool

    /// Creates a description.
    public init(
        path: String, expectation: String, presence: Presence, range: String? = nil, isSecret: Bool = false,
        help: String
    ) {
        self.path = path
        self.expectation = expectation
        self.presence = presence
        self.range = range
        self.isSecret = isSecret
        self.help = help
    }
}
