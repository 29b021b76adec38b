import WippyDefinition

/// Which entry must be there before which: references as they are, attachments turned around.
struct DependencyGraph {
    /// One entry needs another first.
    struct Edge {
        let from: EntryID
        let to: EntryID
        /// What the one does with the other; a part belongs to the entry that needs it.
        let meaning: ReferenceMeaning
        let field: String
        let location: Location
    }

    /// The entries, each after all that it needs; within that, in order of id.
    let order: [EntryID]

    /// One cycle of each group of entries that need each other: the edges from an entry back to itself.
    let cycles: [[Edge]]

    private let edges: [EntryID: [Edge]]

    /// Creates the graph of a plan.
    ///
    /// - Parameter resolvedInCode: what entries were found to need when they were built, and what for.
    init(_ plan: Plan, resolvedInCode: [EntryID: [EntryID: ReferenceMeaning]] = [:]) {
        var edges: [EntryID: [Edge]] = [:]
        for entry in plan.entries {
            for use in entry.references {
                guard let target = plan[use.target] else { continue }
                let meaning = use.meaning ?? target.offers.first?.meaning ?? .startsAfter
                let (from, to) = meaning == .belongsTo ? (target.id, entry.id) : (entry.id, target.id)
                edges[from, default: []].append(
                    Edge(from: from, to: to, meaning: meaning, field: use.field, location: use.location))
            }
            for (target, meaning) in (resolvedInCode[entry.id] ?? [:]).sorted(by: { $0.key < $1.key }) {
                edges[entry.id, default: []].append(
                    Edge(from: entry.id, to: target, meaning: meaning, field: "handler", location: entry.location))
            }
        }
        var walk = DepthFirstWalk(edges: edges)
        for entry in plan.entries { walk.visit(entry.id) }
        self.edges = edges
        order = walk.order
        cycles = walk.cycles
    }

    /// What an entry needs first, in the order in which it says so.
    func needs(of id: EntryID) -> [Edge] { edges[id] ?? [] }
}

/// A walk along all edges, with a stack of its own: a long chain costs memory and not the thread's stack.
private struct DepthFirstWalk {
    private enum Mark { case onPath, done }

    let edges: [EntryID: [DependencyGraph.Edge]]
    var order: [EntryID] = []
    var cycles: [[DependencyGraph.Edge]] = []
    private var marks: [EntryID: Mark] = [:]

    init(edges: [EntryID: [DependencyGraph.Edge]]) {
        self.edges = edges
    }

    mutating func visit(_ start: EntryID) {
        guard marks[start] == nil else { return }
        var path: [DependencyGraph.Edge] = []
        var stack: [(node: EntryID, next: Int)] = [(start, 0)]
        marks[start] = .onPath
        while let (node, next) = stack.last {
            let outgoing = edges[node] ?? []
            guard next < outgoing.count else {
                marks[node] = .done
                order.append(node)
                stack.removeLast()
                if !path.isEmpty { path.removeLast() }
                continue
            }
            stack[stack.count - 1].next += 1
            let edge = outgoing[next]
            switch marks[edge.to] {
            case .done: break
            case .onPath: cycles.append(rotated(path.drop { $0.from != edge.to } + [edge]))
            case nil:
                marks[edge.to] = .onPath
                path.append(edge)
                stack.append((edge.to, 0))
            }
        }
    }

    /// The cycle beginning at its least id, so that the report does not depend on where the walk began.
    private func rotated(_ cycle: some Collection<DependencyGraph.Edge>) -> [DependencyGraph.Edge] {
        let edges = Array(cycle)
        guard let least = edges.indices.min(by: { edges[$0].from < edges[$1].from }) else { return edges }
        return Array(edges[least...] + edges[..<least])
    }
}
