import WippyDefinition

/// The links that one entry holds to others, and the edges that only its code shows.
///
/// Each entry has links of its own. The links of a new entry lead to the new components from the beginning. The links
/// of an entry that goes on are pointed at them when the plan is put in force. The links of an entry that ends stay as
/// they are, so it ends with the components that it was built with.
struct Wiring: Sendable {
    private struct Held: Sendable {
        let entry: EntryID
        let contract: AnyContract
        let link: any AnyLink
    }

    private var held: [Held] = []

    /// The edges that code has and no field shows.
    private(set) var edgesInCode: [DependencyGraph.Edge] = []

    /// The entries that code has found to be parts of this one, such as a variable that it has read.
    private(set) var partsInCode: Set<EntryID> = []

    /// The link to an entry as a contract's type; nil if none is held.
    func link<Offered: Sendable>(to id: EntryID, as contract: Contract<Offered>) -> Link<Offered>? {
        held.first { $0.contract == contract.erased && $0.entry == id }?.link as? Link<Offered>
    }

    mutating func hold<Offered: Sendable>(_ link: Link<Offered>, to id: EntryID, as contract: Contract<Offered>) {
        held.append(Held(entry: id, contract: contract.erased, link: link))
    }

    mutating func add(_ edge: DependencyGraph.Edge) {
        guard !edgesInCode.contains(where: { $0.to == edge.to && $0.meaning == edge.meaning }) else { return }
        edgesInCode.append(edge)
    }

    mutating func addPart(_ id: EntryID) { partsInCode.insert(id) }

    /// The wiring without links and edges to entries that are gone.
    func filtered(_ isThere: (EntryID) -> Bool) -> Wiring {
        var wiring = self
        wiring.held.removeAll { !isThere($0.entry) }
        wiring.edgesInCode.removeAll { !isThere($0.to) }
        wiring.partsInCode = wiring.partsInCode.filter(isThere)
        return wiring
    }

    /// Whether a link leads to one of these entries.
    func leads(to entries: Set<EntryID>) -> Bool { held.contains { entries.contains($0.entry) } }

    /// Points every link at the current component of its entry.
    func lead(to slots: [EntryID: Slot]) {
        for held in held {
            if let offered = slots[held.entry]?.built.offered[held.contract] { held.link.lead(whereLeads: offered) }
        }
    }
}
