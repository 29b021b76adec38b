public import WippyDefinition

/// The entries of a plan, and what each does with others.
///
/// `graph` shows it.
public struct EntryGraph: Sendable, Equatable {
    /// An entry in the graph.
    public struct Node: Sendable, Equatable {
        /// The entry's full id.
        public let id: EntryID

        /// The kind of the entry.
        public let kind: String

        /// The role of its service; nil if it has none.
        public let role: ServiceRole?
    }

    /// What one entry does with another.
    public struct Edge: Sendable, Hashable {
        /// The entry that names the other, as its position among the nodes.
        public let from: Int

        /// The other entry, as its position among the nodes.
        public let to: Int

        /// The sort of the use, such as a call or an attachment.
        public let meaning: ReferenceMeaning

        /// The field that names the other entry.
        public let field: String
    }

    /// The entries, in order of id.
    public let nodes: [Node]

    /// What they do with each other, in order of the entries and of their fields.
    public let edges: [Edge]
}

extension Plan {
    /// The entries, and what each does with others in its fields and in its code.
    ///
    /// Names of missing entries are left out.
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
    /// The sort of the use: what the entry does with the entry that it names.
    ///
    /// Unless the field says it, that follows from what that one offers.
    func meaning(for target: PlannedEntry) -> ReferenceMeaning {
        meaning ?? target.offers.first?.meaning ?? .startsAfter
    }
}
