import WippyDefinition

/// What a kind built.
struct BuiltEntry: Sendable {
    /// For each contract that it offers, what others find there.
    ///
    /// Nobody holds these links: whoever refers to the entry has one of its own.
    let offered: [AnyContract: any AnyLink]

    /// What runs for the entry.
    let service: (any ManagedService)?

    /// What the kind built, as the kind knows it.
    let whole: any Sendable

    init<Component>(_ built: Built<Component>, offers: [Offer<Component>]) {
        service = built.service
        whole = built
        offered =
            built.component.map { component in
                offers.reduce(into: [:]) { links, offer in
                    links[offer.contract] = links[offer.contract] ?? offer.makeLink(component)
                }
            } ?? [:]
    }
}

/// An entry of the plan in force, with what was built of it.
struct Slot: Sendable {
    let entry: PlannedEntry
    let built: BuiltEntry

    /// What it was found to need when it was built.
    let wiring: Wiring

    /// The way to it if it is a queue.
    var queue: Link<any MessageQueue>? { built.offered.link(as: .queue) }
}

extension [AnyContract: any AnyLink] {
    /// The link of a contract, which knows its type.
    func link<Offered: Sendable>(as contract: Contract<Offered>) -> Link<Offered>? {
        self[contract.erased] as? Link<Offered>
    }
}
