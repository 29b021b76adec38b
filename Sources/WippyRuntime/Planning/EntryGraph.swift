public import WippyDefinition

/// The entries of a plan, and their uses of each other in fields and scripts.
///
/// The command `graph` shows it.
public struct EntryGraph: Sendable, Equatable {
    /// An entry in the graph.
    public struct Node: Sendable, Equatable {
        /// The entry's full id.
        public let id: EntryID

        /// The kind of the entry.
        public let kind: String

        /// The role of the services of the entry's kind; nil if the kind has no services.
        public let role: ServiceRole?
    }

    /// The use of one entry by another, in a field or a script.
    public struct Edge: Sendable, Hashable {
        /// The index in ``EntryGraph/nodes`` of the entry that names the other one.
        public let from: Int

        /// The index in ``EntryGraph/nodes`` of the named entry.
        public let to: Int

        /// The sort of the use, such as a call or an attachment.
        public let meaning: ReferenceMeaning

        /// The field that names the other entry.
        ///
        /// For a mention in a script, it is the call, such as `queue.publish`.
        public let field: String
    }

    /// The entries, in order of id.
    public let nodes: [Node]

    /// The uses between the entries: those by the first entry come first.
    ///
    /// Of one entry, the uses in fields come before those in its script.
    public let edges: [Edge]
}

extension Plan {
    /// The entries, and their uses of each other in fields and scripts.
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
    /// Returns the sort of the use, such as a call or an attachment.
    ///
    /// If the field does not set the sort, it follows from the contracts that the other entry offers.
    func meaning(for target: PlannedEntry) -> ReferenceMeaning {
        meaning ?? target.offers.first?.meaning ?? .startsAfter
    }
}
