import WippyCollections
import WippyDefinition

/// Which entry must be there before which: references as they are, attachments turned around.
struct DependencyGraph: Sendable {
    /// One entry needs another first.
    struct Edge: Sendable, Equatable {
        let from: EntryID
        let to: EntryID
        /// What the one does with the other; a part belongs to the entry that needs it.
        let meaning: ReferenceMeaning
        /// The field that says so; nil for what was found in the entry's code.
        let field: String?
    }

    /// A way from an entry back to itself.
    struct Circle: Sendable {
        let edges: [Edge]

        /// The entry that it is told of: the least of its ids, so that nothing depends on where a search began.
        var entry: EntryID { edges[0].from }
    }

    /// The entries, each after all that it needs; within that, in order of id.
    let order: [EntryID]

    /// One circle at least of each group of entries that need each other; no two share an entry.
    let circles: [Circle]

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
        circles = walk.circles.map { vertices in
            let start = vertices.indices.min { vertices[$0] < vertices[$1] } ?? 0
            let round = (vertices[start...] + vertices[..<start]).map { ids[$0] }
            return Circle(
                edges: zip(round, round.dropFirst() + round.prefix(1)).compactMap { from, to in
                    edges[from]?.first { $0.to == to }
                })
        }
        self.ids = ids
        self.edges = edges
        self.mentions = mentions
    }

    /// The graph with what entries were found to need when they were built.
    func adding(_ found: [Edge]) -> DependencyGraph {
        if found.isEmpty { return self }
        return DependencyGraph(
            ids, edges.merging(Dictionary(grouping: found, by: \.from), uniquingKeysWith: +), mentions)
    }

    /// What an entry needs first, in the order in which it says so.
    func needs(of id: EntryID) -> [Edge] { edges[id] ?? [] }

    /// What an entry's code names that need not be there first, in the order in which it stands there.
    func mentions(of id: EntryID) -> [Edge] { mentions[id] ?? [] }
}

extension Plan {
    /// Where it is written that one entry needs another; where the entry is, if only its code says so.
    func location(of edge: DependencyGraph.Edge) -> Location {
        let (owner, other) = edge.meaning == .belongsTo ? (edge.to, edge.from) : (edge.from, edge.to)
        let use = self[owner]?.references.first { $0.field == edge.field && $0.entry == other }
        return use?.location ?? self[owner]?.location ?? Location(source: "\(owner)")
    }

    /// What is wrong with entries that need each other, and what to do.
    func sentence(about circle: DependencyGraph.Circle) -> String {
        let path = circle.edges.map { edge in
            "\(edge.from) -> \(edge.to) (\(edge.field.map { "'\($0)'" } ?? "its code"), \(location(of: edge)))"
        }
        return "depends on itself: \(path.joined(separator: ", ")); remove one of these references"
    }
}
