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
///
/// A class, since there may be very many, which every change hands on.
final class Slot: Sendable {
    let entry: PlannedEntry
    let built: BuiltEntry

    /// What it was found to need when it was built.
    let wiring: Wiring

    init(entry: PlannedEntry, built: BuiltEntry, wiring: Wiring) {
        (self.entry, self.built, self.wiring) = (entry, built, wiring)
    }

    /// The way to it if it is a queue.
    var queue: Link<any MessageQueue>? { built.offered.link(as: .queue) }
}

extension Slot {
    /// Whether the supervisor knows nothing of it: it is no service and no queue.
    private var isStill: Bool { built.service == nil && queue == nil }

    /// Whether the services, and what each of them needs, stay the same with this in the place of another.
    ///
    /// - Parameter inPlace: whether what runs goes on, with a new configuration.
    func takesPlace(of old: Slot, inPlace: Bool) -> Bool {
        (inPlace || (isStill && old.isStill)) && entry.policy == old.entry.policy
            && entry.needsSame(as: old.entry) && wiring.edgesInCode == old.wiring.edgesInCode
    }
}

extension [AnyContract: any AnyLink] {
    /// The link of a contract, which knows its type.
    func link<Offered: Sendable>(as contract: Contract<Offered>) -> Link<Offered>? {
        self[contract.erased] as? Link<Offered>
    }
}
