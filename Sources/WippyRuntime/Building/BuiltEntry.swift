import WippyDefinition

/// The component and the service that a kind has built for an entry.
struct BuiltEntry: Sendable {
    /// The links to the component, by the contracts that the entry offers.
    ///
    /// They lead to the component as the program's wrappers have changed it. No other entry holds these links. Every
    /// entry that refers to this one has a link of its own.
    let offered: [AnyContract: any AnyLink]

    /// The entry's service; nil if the entry has no service.
    let service: ExclusiveService?

    /// The kind's own result: a `Built` of its component type.
    let whole: any Sendable

    /// The links to the component itself, for the contracts around which there are wrappers.
    private let wrapped: [AnyContract: any AnyLink]

    /// Puts the wrappers around what a kind has built.
    ///
    /// - Parameter context: the context in which the entry is built.
    /// - Throws: the errors of the wrappers.
    init<Component>(
        _ built: Built<Component>, offers: [Offer<Component>], in wrappers: [OfferWrapper], with context: BuildContext
    ) throws {
        service = built.service.map(ExclusiveService.init)
        whole = built
        guard let component = built.component else {
            (offered, wrapped) = ([:], [:])
            return
        }
        var links: [AnyContract: any AnyLink] = [:]
        var wrapped: [AnyContract: any AnyLink] = [:]
        for offer in offers where links[offer.contract] == nil {
            guard let link = offer.makeLink(component, links) else { continue }
            let around = wrappers.filter { $0.contract == offer.contract }
            if !around.isEmpty { wrapped[offer.contract] = link }
            links[offer.contract] = try around.reduce(link) { try $1.wrap($0, context) }
        }
        (offered, self.wrapped) = (links, wrapped)
    }

    /// Returns the component itself as a contract's type, without wrappers; nil if the entry does not offer the
    /// contract.
    func own<Offered: Sendable>(as contract: Contract<Offered>) -> Offered? {
        (wrapped.link(as: contract) ?? offered.link(as: contract))?.target
    }
}

/// An entry of the plan in force, with its component and its service.
///
/// It is a class, because a plan can have very many entries, and every change copies the slots.
final class Slot: Sendable {
    let entry: PlannedEntry
    let built: BuiltEntry

    /// The links and edges that were found when the entry was built.
    let wiring: Wiring

    init(entry: PlannedEntry, built: BuiltEntry, wiring: Wiring) {
        (self.entry, self.built, self.wiring) = (entry, built, wiring)
    }

    /// The work that the entry keeps; nil if it keeps no work.
    var work: (any AcceptedWork)? { built.offered.link(as: .acceptedWork)?.target }
}

extension Slot {
    /// True if the supervisor does nothing for the entry, because it has no service and keeps no work.
    private var isStill: Bool { built.service == nil && work == nil }

    /// Returns true if the graph of services stays the same when this slot replaces another.
    ///
    /// - Parameter inPlace: true if the service keeps running, with a new config.
    func takesPlace(of old: Slot, inPlace: Bool) -> Bool {
        (inPlace || (isStill && old.isStill)) && entry.policy == old.entry.policy
            && entry.needsSame(as: old.entry) && wiring.edgesInCode == old.wiring.edgesInCode
    }
}

extension [AnyContract: any AnyLink] {
    /// Returns the link of a contract, as the contract's type; nil if there is no such link.
    func link<Offered: Sendable>(as contract: Contract<Offered>) -> Link<Offered>? {
        self[contract.erased] as? Link<Offered>
    }
}
