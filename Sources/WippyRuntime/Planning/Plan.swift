public import WippyDefinition

/// The entries of a project, decoded and checked, with the order of their start.
///
/// A plan is a value and does nothing. A ``Registry`` builds its entries.
public struct Plan: Sendable {
    /// The entries, in order of id.
    public let entries: [PlannedEntry]

    /// The needs of each entry, and the order in which the entries are built and started.
    let graph: DependencyGraph

    private let index: [EntryID: Int]

    /// The plan of a project without entries.
    ///
    /// A new registry begins with this plan.
    public static let empty = Plan(entries: [])

    /// Returns the entry with an id; nil if the plan does not have it.
    public subscript(id: EntryID) -> PlannedEntry? { index[id].map { entries[$0] } }

    /// Returns the entries that belong to an entry, in order of id.
    public func attached(to id: EntryID) -> [PlannedEntry] {
        graph.needs(of: id).compactMap { $0.meaning == .belongsTo ? self[$0.to] : nil }
    }

    /// Returns the ids of the entries that offer a contract, in order.
    public func ids<Offered: Sendable>(offering contract: Contract<Offered>) -> [EntryID] {
        entries.filter { $0.offers.contains(contract.erased) }.map(\.id)
    }

    /// Returns the bases of an entry, including the bases of its bases.
    ///
    /// A base is an entry that a field names as a `Base`.
    ///
    /// - Parameter id: the id of the entry. If the plan does not have it, the result is empty.
    public func bases(of id: EntryID) -> Set<EntryID> {
        var bases: Set<EntryID> = []
        var pending = [id]
        while let next = pending.popLast() {
            for reference in self[next]?.references ?? [] where reference.isBase {
                if bases.insert(reference.entry).inserted { pending.append(reference.entry) }
            }
        }
        return bases
    }

    /// Creates a plan of decoded entries.
    ///
    /// - Parameter old: a plan whose order and graph are kept, if it has the same ids and its entries have the same
    ///   needs.
    init(entries: [PlannedEntry], keeping old: Plan) {
        guard let merged = old.replacing(entries) else {
            self.init(entries: entries)
            return
        }
        self = merged
    }

    /// Returns the plan with changed entries; nil if the ids are not the same.
    private func replacing(_ new: [PlannedEntry]) -> Plan? {
        guard new.count == entries.count else { return nil }
        var (all, changed) = (entries, [PlannedEntry]())
        for entry in new {
            guard let place = index[entry.id] else { return nil }
            if all[place] === entry { continue }
            all[place] = entry
            changed.append(entry)
        }
        let needsAreSame = changed.allSatisfy { entry in self[entry.id].map { $0.needsSame(as: entry) } ?? false }
        return Plan(entries: all, index: index, graph: needsAreSame ? graph : DependencyGraph(all))
    }

    private init(entries: [PlannedEntry], index: [EntryID: Int], graph: DependencyGraph) {
        (self.entries, self.index, self.graph) = (entries, index, graph)
    }

    /// Creates a plan of decoded entries, without an earlier plan.
    init(entries: [PlannedEntry]) {
        self.entries = entries.sorted { $0.id < $1.id }
        index = Dictionary(uniqueKeysWithValues: self.entries.enumerated().map { ($1.id, $0) })
        graph = DependencyGraph(self.entries)
    }
}
