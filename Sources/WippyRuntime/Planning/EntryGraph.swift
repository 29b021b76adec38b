public import WippyDefinition

/// The entries of a plan, and what each does with others: what `graph` shows.
public struct EntryGraph: Sendable, Equatable {
    /// An entry.
    public struct Node: Sendable, Equatable {
        /// The entry's full id.
        public let id: EntryID

        /// The word after its `kind:`.
        public let kind: String

        /// When its service runs; nil when it has none.
        public let role: ServiceRole?
    }

    /// What one entry does with another that it names.
    public struct Edge: Sendable, Hashable {
        /// The entry that names the other: its place among the nodes.
        public let from: Int

        /// The entry that is named: its place among the nodes.
        public let to: Int

        /// What the one does with the other.
        public let meaning: ReferenceMeaning

        /// The field that names it, as written in YAML.
        public let field: String
    }

    /// The entries, in order of id.
    public let nodes: [Node]

    /// What they do with each other, in order of the entries and of their fields.
    public let edges: [Edge]
}

extension Plan {
    /// The entries and what each does with others, in their fields and in the text of their code; what names an entry
    /// that is not there is left out.
    public var entryGraph: EntryGraph {
        let places = Dictionary(uniqueKeysWithValues: zip(entries.map(\.id), entries.indices))
        let edges = entries.indices.flatMap { from in
            (entries[from].references + entries[from].mentions).compactMap { use in
                places[use.entry].map { to in
                    EntryGraph.Edge(from: from, to: to, meaning: use.meaning(for: entries[to]), field: use.field)
                }
            }
        }
        return EntryGraph(
            nodes: entries.map { EntryGraph.Node(id: $0.id, kind: $0.kind.description, role: $0.role) }, edges: edges)
    }
}

extension ReferenceUse {
    /// What the entry does with the one that it names.
    ///
    /// Unless the field says it, that follows from what that one offers.
    func meaning(for target: PlannedEntry) -> ReferenceMeaning {
        meaning ?? target.offers.first?.meaning ?? .startsAfter
    }
}
