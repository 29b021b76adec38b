import WippyDefinition
import WippyText

/// The manual of a program's kinds and their fields, in Markdown.
///
/// It is made from the calls that read the fields. So it includes the program's own kinds, the options of its
/// middleware and drivers, and the config of its handlers.
public struct KindManual: Sendable {
    /// The kinds, in order of name.
    public let kinds: [CatalogedKind]

    /// Creates the manual of a program.
    public init(of program: Program) {
        kinds = program.manual
    }

    /// The list of the kinds, with links to their pages.
    public var index: String {
        let rows = kinds.map { "| [`\($0.name)`](\($0.name).md) | \($0.summary) |" }
        return """
            # Kinds

            Every entry has one of these kinds. `kinds --markdown` prints these pages for the kinds of your program.

            | kind | description |
            | --- | --- |
            \(rows.joined(separator: "\n"))

            """
    }

    /// Returns the page of a kind.
    public func page(of kind: CatalogedKind) -> String {
        let service = kind.role.map {
            "It has a service with the role \($0) and can have the [`lifecycle`](lifecycle.md) block."
        }
        let sentences = [kind.summary, service ?? "It has no service.", kind.whenChanged.map { "On a reload: \($0)" }]
        let fields = kind.fields.isEmpty ? "It has no fields of its own." : "\(FieldTable(kind.fields))"
        let ofOthers =
            kind.fieldsOfOthers.isEmpty
            ? "" : "\nFields that it adds to entries of other kinds:\n\n\(FieldTable(kind.fieldsOfOthers))\n"
        return "# \(kind.name)\n\n\(sentences.compactMap { $0 }.joined(separator: " "))\n\n\(fields)\n\(ofOthers)"
    }

    /// The page about services: the `lifecycle` block, the order of the start, and the effects of a reload on changed
    /// entries.
    public var lifecycle: String {
        let roles = Set(kinds.compactMap(\.role)).sorted().map { role in
            let names = kinds.filter { $0.role == role }.map { "`\($0.name)`" }
            return "| \(role.rawValue + 1) | \(role) | \(names.joined(separator: ", ")) |"
        }
        let changes = kinds.compactMap { kind in kind.whenChanged.map { "| `\(kind.name)` | \($0) |" } }
        return """
            # Services

            ## The lifecycle block

            Every entry with a service can have this block.

            \(FieldTable(LifecyclePolicy.descriptions))

            ## Ranks

            Services start in the order of these ranks, and stop in the reverse order.

            | rank | role | kinds |
            | --- | --- | --- |
            \(roles.joined(separator: "\n"))

            ## Changed entries

            A reload treats changed entries of these kinds as follows. Entries of all other kinds are built anew.

            | kind | on a reload |
            | --- | --- |
            \(changes.joined(separator: "\n"))

            """
    }
}

extension Program {
    /// The kinds as the manual describes them, in order of name.
    var manual: [CatalogedKind] { kinds.all.map { CatalogedKind($0, in: self) } }
}
