import WippyDefinition

/// The links that code outside of the plan has asked for.
///
/// They lead to the current components for as long as somebody holds them. A link that nobody holds any more is dropped
/// when the next plan is put in force. So there are never more links than those that are held, and those that were
/// asked for under the plan in force.
struct HandedOutLinks: Sendable {
    private struct Key: Hashable {
        let entry: EntryID
        let contract: AnyContract
    }

    /// A link that does not stay in memory for its own sake.
    private struct Remembered {
        weak var link: (any AnyLink)?
    }

    private var links: [Key: any AnyLink] = [:]

    /// The number of links.
    var count: Int { links.count }

    /// Returns the link to an entry as a contract's type; nil if there is no such link.
    func link<Offered: Sendable>(to id: EntryID, as contract: Contract<Offered>) -> Link<Offered>? {
        links[Key(entry: id, contract: contract.erased)] as? Link<Offered>
    }

    mutating func add<Offered: Sendable>(_ link: Link<Offered>, to id: EntryID, as contract: Contract<Offered>) {
        links[Key(entry: id, contract: contract.erased)] = link
    }

    /// Drops the links that nobody holds, and points every other link at the current component of its entry.
    ///
    /// - Returns: the components to which the links have led. Release them outside of locks, because that can run
    ///   a kind's own code.
    mutating func lead(to slots: [EntryID: Slot]) -> [any Sendable] {
        let components = links.values.map(\.component)
        let remembered = links.mapValues(Remembered.init)
        links = [:]
        links = remembered.compactMapValues(\.link)
        for (key, link) in links {
            if let offered = slots[key.entry]?.built.offered[key.contract] { link.lead(whereLeads: offered) }
        }
        return components
    }
}
