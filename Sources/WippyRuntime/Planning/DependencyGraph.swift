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

    /// Cycles, each the edges from an entry back to itself: one at least of each group of entries that need each other.
    ///
    /// No two share an entry, so that all of them together are no longer than the project.
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
    private enum Mark {
        case onPath(depth: Int)
        case done
    }

    /// An entry on the way from the start to where the walk is.
    private struct Step {
        let id: EntryID
        let outgoing: [DependencyGraph.Edge]
        var next = 0
        /// How many entries of the path up to this one are in a cycle that was found.
        var inCycles: Int
    }

    let edges: [EntryID: [DependencyGraph.Edge]]
    var order: [EntryID] = []
    var cycles: [[DependencyGraph.Edge]] = []
    private var marks: [EntryID: Mark] = [:]
    private var path: [Step] = []

    init(edges: [EntryID: [DependencyGraph.Edge]]) {
        self.edges = edges
    }

    mutating func visit(_ start: EntryID) {
        guard marks[start] == nil else { return }
        enter(start)
        while let step = path.last {
            guard step.next < step.outgoing.count else {
                marks[step.id] = .done
                order.append(step.id)
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let target = step.outgoing[step.next].to
            switch marks[target] {
            case .done: break
            case .onPath(let depth): noteCycle(from: depth)
            case nil: enter(target)
            }
        }
    }

    private mutating func enter(_ id: EntryID) {
        marks[id] = .onPath(depth: path.count)
        path.append(Step(id: id, outgoing: edges[id] ?? [], inCycles: path.last?.inCycles ?? 0))
    }

    /// The path leads from a depth on back to itself; known if an entry of that part is in a cycle already.
    private mutating func noteCycle(from depth: Int) {
        let before = depth == 0 ? 0 : path[depth - 1].inCycles
        guard path[path.count - 1].inCycles == before else { return }
        for place in depth..<path.count { path[place].inCycles = before + place - depth + 1 }
        cycles.append(rotated(path[depth...].map { $0.outgoing[$0.next - 1] }))
    }

    /// The cycle beginning at its least id, so that the report does not depend on where the walk began.
    private func rotated(_ edges: [DependencyGraph.Edge]) -> [DependencyGraph.Edge] {
        guard let least = edges.indices.min(by: { edges[$0].from < edges[$1].from }) else { return edges }
        return Array(edges[least...] + edges[..<least])
    }
}
