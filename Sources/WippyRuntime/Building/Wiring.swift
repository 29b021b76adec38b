import WippyDefinition

/// The links that one entry holds to others, and what only its code names.
///
/// Links are the holder's own. So those of what is built beside a running application lead to what is new from the
/// beginning, those of what goes on are led there when the plan is put in force, and those of what goes never are: it
/// ends on what it was built with.
struct Wiring: Sendable {
    private struct Held: Sendable {
        let entry: EntryID
        let contract: AnyContract
        let link: any AnyLink
    }

    private var held: [Held] = []

    /// What code was found to need although no field names it.
    private(set) var edgesInCode: [DependencyGraph.Edge] = []

    /// The entries of which code was found to be made: a variable that it has read.
    private(set) var partsInCode: Set<EntryID> = []

    /// The link to an entry as what a contract names; nil if none is held.
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

    /// The wiring without what leads to entries that are gone.
    func filtered(_ isThere: (EntryID) -> Bool) -> Wiring {
        var wiring = self
        wiring.held.removeAll { !isThere($0.entry) }
        wiring.edgesInCode.removeAll { !isThere($0.to) }
        wiring.partsInCode = wiring.partsInCode.filter(isThere)
        return wiring
    }

    /// Whether a link leads to one of these entries.
    func leads(to entries: Set<EntryID>) -> Bool { held.contains { entries.contains($0.entry) } }

    /// Points every link at what there is.
    func lead(to slots: [EntryID: Slot]) {
        for held in held {
            if let offered = slots[held.entry]?.built.offered[held.contract] { held.link.lead(whereLeads: offered) }
        }
    }
}
