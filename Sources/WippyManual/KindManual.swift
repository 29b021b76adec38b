import WippyDefinition
public import WippyRuntime
import WippyText

/// The manual of a program's kinds and their fields, in Markdown.
///
/// It is made by the same calls that read the fields. So it includes the program's own kinds, the options of its
/// middleware and drivers, and the config of its handlers.
public struct KindManual: Sendable {
    /// The kinds, in order of name.
    public let kinds: [CatalogedKind]

    /// The metrics of all kinds and of the services, in order of name.
    private let allMetrics: [MetricDescription]

    /// The path of the glossary, relative to the pages; nil if the pages have no link to a glossary.
    private let glossary: String?

    /// Creates the manual of a program.
    ///
    /// - Parameters:
    ///   - program: the program.
    ///   - glossary: the path of the glossary, relative to the pages. Each page has a link to it. Default: nil, for
    ///     pages without such a link.
    public init(of program: Program, glossary: String? = nil) {
        kinds = program.manual
        allMetrics = program.kinds.metrics
        self.glossary = glossary
    }

    /// The Markdown list of the kinds, with links to their pages.
    public var index: String {
        let rows = kinds.map { "| [`\($0.name)`](\($0.name).md) | \($0.summary) |" }
        let opening = self.opening("For whoever declares entries in a definition file.")
        return """
            # Kinds

            \(opening)

            Every entry has one of these kinds, or a kind of your own program. The page of a kind lists its fields.
            Entries with a service can also have the [`lifecycle`](lifecycle.md) block. The command `kinds --markdown`
            prints this page for your own program, and `kinds NAME --markdown` prints the page of one kind.

            | kind | description |
            | --- | --- |
            \(rows.joined(separator: "\n"))

            """
    }

    /// Returns the page of a kind, in Markdown.
    public func page(of kind: CatalogedKind) -> String {
        let service = kind.role.map {
            "Each entry has a service with the role [\($0)](lifecycle.md#ranks), and can have the "
                + "[`lifecycle`](lifecycle.md) block."
        }
        let paragraphs: [String?] = [
            opening("For whoever declares an entry of the kind `\(kind.name)`."), kind.summary,
            service ?? "The entry has no service.",
            kind.effectOfReload.map { "When a [reload](lifecycle.md#changed-entries) changes the entry: \($0)" },
        ]
        let fields = kind.fields.isEmpty ? "The kind has no fields of its own." : "\(FieldTable(kind.fields))"
        let ofOthers =
            kind.fieldsOfOthers.isEmpty
            ? ""
            : "\nFields that the kind adds to the entries that use it, such as the queues of a driver:\n\n"
                + "\(FieldTable(kind.fieldsOfOthers))\n"
        let metrics = kind.metrics.isEmpty ? "" : "\nIts [metrics](metrics.md):\n\n\(MetricTable(kind.metrics))\n"
        let text = paragraphs.compactMap { $0 }.joined(separator: "\n\n")
        return "# \(kind.name)\n\n\(text)\n\n\(fields)\n\(ofOthers)\(metrics)"
    }

    /// Returns the first paragraph of a page: its reader, and the link to the glossary.
    private func opening(_ reader: String) -> String {
        reader + (glossary.map { " The [glossary](\($0)) explains the words." } ?? "")
    }

    /// The page about the metrics of all kinds and of the services.
    public var metrics: String {
        let opening = self.opening("For whoever watches a running application.")
        return """
            # Metrics

            \(opening)

            A *metric* has one figure for each entry of the sort in the column *of*. A *counter* only grows, a *timer*
            has durations, and a *gauge* is the value now. The command `kinds metrics --markdown` prints this page for
            your own program.

            \(MetricTable(allMetrics))

            """
    }

    /// The page about services: the `lifecycle` block, the order of the start, and the effects of a reload on changed
    /// entries.
    public var lifecycle: String {
        let roles = Set(kinds.compactMap(\.role)).sorted().map { role in
            let names = kinds.filter { $0.role == role }.map { "`\($0.name)`" }
            return "| \(role.rawValue + 1) | \(role) | \(names.joined(separator: ", ")) |"
        }
        let changes = kinds.compactMap { kind in kind.effectOfReload.map { "| `\(kind.name)` | \($0) |" } }
        let opening = self.opening("For whoever declares entries with a service.")
        return """
            # Services

            \(opening)

            A *service* is the part of an entry that runs: a server, a consumer, a database's connections.

            ## The lifecycle block

            Every entry with a service can have the block `lifecycle`.

            \(FieldTable(LifecyclePolicy.descriptions))

            ## Ranks

            A service has the rank of its role, or a higher one if it depends on a service with a higher rank. Services
            start in the order of the ranks, and stop in the reverse order, with [exceptions](../lifecycle.md#stop).

            | rank | role | kinds |
            | --- | --- | --- |
            \(roles.joined(separator: "\n"))

            ## Changed entries

            A *reload* reads the project again while the application runs, and applies the changes. *In place* means
            that the service goes on. *Built anew* means that the entry is made again: if it has a service, the old one
            stops and a new one starts. An entry can also count as changed because another entry has changed, such as
            the queue of a consumer, or an endpoint of a router. The table has the kinds with rules of their own. A
            changed entry of any other kind is built anew. For every kind a service stops if `lifecycle.auto_start`
            becomes false and no other service needs it.

            | kind | when a reload changes the entry |
            | --- | --- |
            \(changes.joined(separator: "\n"))

            """
    }
}
