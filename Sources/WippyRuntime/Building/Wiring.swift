import WippyDefinition

/// The links that one entry holds to others, and the edges that only its code shows.
///
/// Each entry has links of its own. The links of a new entry lead to the new components from the beginning. The links
/// of an entry that keeps running are pointed at them when the plan is put in force. The links of an entry that ends do
/// not change. So it ends with the components with which it was built. The exception is an entry whose new component
/// goes on with parts of the old one: the links that both hold are pointed at the new components, too.
struct Wiring: Sendable {
    private struct Held: Sendable {
        let entry: EntryID
        let contract: AnyContract
        let link: any AnyLink
    }

    private var held: [Held] = []

    /// True if another wiring may hold the same links: that of the component which this entry's component replaces.
    private(set) var sharesLinks = false

    /// The edges in the entry's code that no field shows.
    private(set) var edgesInCode: [DependencyGraph.Edge] = []

    /// The entries on which this one is built because its code uses them, such as a variable that it has read.
    private(set) var basesInCode: Set<EntryID> = []

    /// Returns the link to an entry as a contract's type; nil if the wiring does not hold such a link.
    func link<Offered: Sendable>(to id: EntryID, as contract: Contract<Offered>) -> Link<Offered>? {
        held.first { $0.contract == contract.erased && $0.entry == id }?.link as? Link<Offered>
    }

    mutating func hold<Offered: Sendable>(_ link: Link<Offered>, to id: EntryID, as contract: Contract<Offered>) {
        held.append(Held(entry: id, contract: contract.erased, link: link))
    }

    /// Adds the links of another wiring, except those to which this one has a link already.
    mutating func share(_ other: Wiring) {
        sharesLinks = true
        held += other.held.filter { link in
            !held.contains { $0.entry == link.entry && $0.contract == link.contract }
        }
    }

    mutating func add(_ edge: DependencyGraph.Edge) {
        guard !edgesInCode.contains(where: { $0.to == edge.to && $0.meaning == edge.meaning }) else { return }
        edgesInCode.append(edge)
    }

    mutating func addBase(_ id: EntryID) { basesInCode.insert(id) }

    /// Returns the wiring without links and edges to entries that do not exist any more.
    func filtered(_ isThere: (EntryID) -> Bool) -> Wiring {
        var wiring = self
        wiring.held.removeAll { !isThere($0.entry) }
        wiring.edgesInCode.removeAll { !isThere($0.to) }
        wiring.basesInCode = wiring.basesInCode.filter(isThere)
        return wiring
    }

    /// Returns true if a link leads to one of these entries.
    func leads(to entries: Set<EntryID>) -> Bool { held.contains { entries.contains($0.entry) } }

    /// Points every link at the current component of its entry.
    func lead(to slots: [EntryID: Slot]) {
        for held in held {
            if let offered = slots[held.entry]?.built.offered[held.contract] { held.link.lead(whereLeads: offered) }
        }
    }
}
