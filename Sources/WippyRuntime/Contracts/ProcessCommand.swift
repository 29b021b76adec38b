public import WippyDefinition
public import WippyText

/// A command of the project: a process that the command line runs, by its name or for the command `test`.
///
/// The entry that declares the command offers the process, or runs it as a service. Its config is a
/// ``ProcessCommandConfig``.
public struct ProcessCommand: Sendable, Equatable {
    /// The name, which is never empty; nil if the entry gives none, or an empty one.
    public let name: ExactText?

    /// The purpose in a few words; empty if the entry does not say it.
    public let summary: String

    /// The value of the field `use_case`: `run`, `test`, or another text, which has no effect.
    public let useCase: ExactText

    /// The use of a process that the command `test` runs.
    package static let test: ExactText = "test"

    /// The use of a process that no other command runs.
    private static let run: ExactText = "run"

    /// The word that stands for the list of the commands where the command line takes a name.
    package static let list: ExactText = "list"

    /// The path of the field with the name.
    package static let nameField = "\(map).\(name)"

    /// What a process has that the command `test` runs, such as `'use_case: test' in 'meta.command'`.
    package static let useOfTests = "'\(use): \(test)' in '\(map)'"

    /// The path of the field with the use.
    static let useCaseField = "\(map).\(use)"

    /// The path of the map with the fields.
    static let map = "meta.command"

    private static let name = "name"

    /// The name of ``useCase`` in the map.
    private static let use = "use_case"

    /// Reads the fields below `meta.command`.
    ///
    /// The result is nil if they give neither a name nor `use_case: test`.
    public init?(from fields: inout FieldReader) {
        let (name, summary, useCase) = fields.closed(Self.map) { fields in
            (
                fields.optional(
                    Self.name, as: ExactText.self,
                    "The name by which `run` runs the process. A process for the command `test` needs no name."),
                fields.optional("short", default: "", "The purpose of the command, in a few words."),
                Self.useCase(from: &fields)
            )
        }
        let hasName = name != nil && name != ""
        guard hasName || useCase == Self.test else {
            if !fields.isWritten(Self.nameField) {
                fields.warnIfWritten(below: Self.map, because: "'\(Self.nameField)' is missing")
            } else if name == "" {
                fields.warn(Self.nameField, "has no effect: a command must have a name")
            }
            return nil
        }
        if name == Self.list { fields.warn(Self.nameField, "has no effect: 'run list' lists the commands") }
        (self.name, self.summary, self.useCase) = (hasName ? name : nil, summary, useCase)
    }

    private static func useCase(from fields: inout FieldReader) -> ExactText {
        let use: ExactText = fields.optional(
            Self.use, default: run,
            "`test`: the command `test` runs the process. `run`: the command `run` runs it by its name.")
        let uses: [ExactText] = [run, test]
        if !uses.contains(use) {
            let problem = FieldProblem("has no effect: it can be \(uses[0]) or \(uses[1]), got '\(use)'")
            fields.warn(Self.use, problem.suggesting(Spelling.nearest(to: use, among: uses)))
        }
        fields.ignored("main", because: "'run' without a name runs no command")
        return use
    }
}

/// The config of a kind whose entries can be commands of the project: they offer a process, or run one.
///
/// `lint` finds commands with the same name among the entries that have such a config.
public protocol ProcessCommandConfig: Sendable {
    /// The command that the entry declares; nil if it declares none.
    ///
    /// The config reads it by ``ProcessCommand/init(from:)``.
    var command: ProcessCommand? { get }
}
