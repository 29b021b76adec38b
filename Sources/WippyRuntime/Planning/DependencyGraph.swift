import WippyCollections
import WippyDefinition

/// The order in which entries need each other.
///
/// References keep their direction, and attachments are turned around.
struct DependencyGraph: Sendable {
    /// One entry needs another entry first.
    struct Edge: Sendable, Equatable {
        let from: EntryID
        let to: EntryID
        /// The way in which the first entry uses the second.
        ///
        /// With `belongsTo`, the second entry belongs to the first one, which needs it.
        let meaning: ReferenceMeaning
        /// The field that names the second entry; nil if the entry's code names it.
        let field: String?
    }

    /// A path of references from an entry back to itself.
    struct Cycle: Sendable {
        let edges: [Edge]

        /// The entry whose error reports the cycle.
        ///
        /// It has the lowest id, so that the result does not depend on where a search began.
        var entry: EntryID { edges[0].from }
    }

    /// The entries.
    ///
    /// Each comes after all entries that it needs; otherwise they are in order of id.
    let order: [EntryID]

    /// At least one cycle of each group of entries that need each other.
    ///
    /// No two cycles share an entry.
    let cycles: [Cycle]

    private let ids: [EntryID]
    private let edges: [EntryID: [Edge]]
    private let mentions: [EntryID: [Edge]]

    /// Creates the graph of a plan's entries, which are in order of id.
    init(_ entries: [PlannedEntry]) {
        let byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0) })
        var edges: [EntryID: [Edge]] = [:]
        var mentions: [EntryID: [Edge]] = [:]
        for entry in entries {
            for use in entry.mentions where byID[use.entry] != nil {
                let meaning = use.meaning ?? .startsAfter
                mentions[entry.id, default: []].append(
                    Edge(from: entry.id, to: use.entry, meaning: meaning, field: use.field))
            }
            for use in entry.references {
                guard let target = byID[use.entry] else { continue }
                let meaning = use.meaning(for: target)
                let (from, to) = meaning == .belongsTo ? (target.id, entry.id) : (entry.id, target.id)
                edges[from, default: []].append(
                    Edge(from: from, to: to, meaning: meaning, field: use.field))
            }
        }
        self.init(entries.map(\.id), edges, mentions)
    }

    private init(_ ids: [EntryID], _ edges: [EntryID: [Edge]], _ mentions: [EntryID: [Edge]]) {
        let places = Dictionary(uniqueKeysWithValues: zip(ids, ids.indices))
        let walk = StronglyConnected(edges: ids.map { (edges[$0] ?? []).compactMap { places[$0.to] } })
        order = walk.components.joined().map { ids[$0] }
        cycles = walk.cycles.map { vertices in
            let start = vertices.indices.min { vertices[$0] < vertices[$1] } ?? 0
            let round = (vertices[start...] + vertices[..<start]).map { ids[$0] }
            return Cycle(
                edges: zip(round, round.dropFirst() + round.prefix(1)).compactMap { from, to in
                    edges[from]?.first { $0.to == to }
                })
        }
        self.ids = ids
        self.edges = edges
        self.mentions = mentions
    }

    /// Returns the graph with the needs that were found when entries were built.
    func adding(_ found: [Edge]) -> DependencyGraph {
        if found.isEmpty { return self }
        return DependencyGraph(
            ids, edges.merging(Dictionary(grouping: found, by: \.from), uniquingKeysWith: +), mentions)
    }

    /// Returns the needs of an entry, in the order in which the entry names them.
    func needs(of id: EntryID) -> [Edge] { edges[id] ?? [] }

    /// Returns the entries that an entry's code mentions and does not need first, in the order in which the code names
    /// them.
    func mentions(of id: EntryID) -> [Edge] { mentions[id] ?? [] }
}

extension Plan {
    /// Returns the place where one entry names another that it needs.
    ///
    /// If only code names it, returns the place of the entry.
    func location(of edge: DependencyGraph.Edge) -> Location {
        let (owner, other) = edge.meaning == .belongsTo ? (edge.to, edge.from) : (edge.from, edge.to)
        let use = self[owner]?.references.first { $0.field == edge.field && $0.entry == other }
        return use?.location ?? self[owner]?.location ?? Location(source: "\(owner)")
    }

    /// Returns a sentence about entries that need each other, with the solution.
    func sentence(about cycle: DependencyGraph.Cycle) -> String {
        let path = cycle.edges.map { edge in
            "\(edge.from) -> \(edge.to) (\(edge.field.map { "'\($0)'" } ?? "its code"), \(location(of: edge)))"
        }
        return "depends on itself: \(path.joined(separator: ", ")); remove one of these references"
    }
}
