import WippyDefinition

/// What a kind built, with the ways to it.
struct BuiltEntry: Sendable {
    /// For each contract that it offers, the `Link` that others hold for as long as there is such an entry.
    ///
    /// Those to an entry that is built anew lead to what it was until the plan is put in force.
    private(set) var links: [AnyContract: any AnyLink]

    /// Where the ways lead when the plan is put in force.
    let targets: [AnyContract: any AnyLink]

    /// What runs for the entry.
    let service: (any ManagedService)?

    /// What the kind built, as the kind knows it.
    let whole: any Sendable

    init<Component>(_ built: Built<Component>, offers: [Offer<Component>]) {
        service = built.service
        whole = built
        targets =
            built.component.map { component in
                offers.reduce(into: [:]) { links, offer in
                    links[offer.contract] = links[offer.contract] ?? offer.makeLink(component)
                }
            } ?? [:]
        links = targets
    }

    /// Is what others find on the ways that they hold, once the plan is in force.
    mutating func takePlace(of old: BuiltEntry) {
        links.merge(old.links.filter { links[$0.key] != nil }) { _, held in held }
    }
}

/// An entry of the plan in force, with what was built of it.
struct Slot: Sendable {
    let entry: PlannedEntry
    let built: BuiltEntry

    /// What its code was found to need when it was built although no field names it.
    let edgesInCode: [DependencyGraph.Edge]

    /// The way to it if it is a queue.
    var queue: Link<any MessageQueue>? { built.links.link(as: .queue) }
}

extension [AnyContract: any AnyLink] {
    /// The link of a contract, which knows its type.
    func link<Offered: Sendable>(as contract: Contract<Offered>) -> Link<Offered>? {
        self[contract.erased] as? Link<Offered>
    }
}
