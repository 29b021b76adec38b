import LuaEngine
import Synchronization
import WippyDefinition
import WippyRuntime
import WippyText

/// Finds entries by the ids that a script names while it runs, under any contract.
///
/// An entry that was found is kept until the plan in force changes. So a call costs only one lookup in a table, and no
/// lookup if it names the same entry as the call before under this contract.
final class EntryTargets: Sendable {
    /// The name and the contract by which a script asks for an entry.
    private struct Key: Hashable {
        let name: ExactText
        let contract: AnyContract
    }

    private protocol AnyEntry: AnyObject, Sendable {}

    private final class Entry<Offered: Sendable>: AnyEntry {
        let id: EntryID
        let link: Link<Offered>
        /// The component while the plan is in force.
        let target: Offered

        init(_ id: EntryID, _ link: Link<Offered>) { (self.id, self.link, target) = (id, link, link.target) }
    }

    /// The entries that were found while a plan was in force.
    private struct Found {
        var changeCount = -1
        var entries: [Key: any AnyEntry] = [:]
        /// The entry that was last found under each contract.
        ///
        /// A script uses few contracts, so going through the list is faster than a lookup in the table.
        var last: [(key: Key, entry: any AnyEntry)] = []

        mutating func entry(_ key: Key) -> (any AnyEntry)? {
            let place = last.firstIndex { $0.key.contract == key.contract }
            if let place, last[place].key.name == key.name { return last[place].entry }
            guard let entry = entries[key] else { return nil }
            if let place { last[place] = (key, entry) } else { last.append((key, entry)) }
            return entry
        }
    }

    private weak let registry: Registry?
    private let found = Mutex(Found())

    /// - Parameter registry: the application's registry; nil if there is no application, so that no entry can be found.
    init(in registry: Registry?) {
        self.registry = registry
    }

    /// Returns the id that a text names, and the component of its entry.
    ///
    /// - Parameter text: the full id of the entry.
    /// - Throws: `LuaError` of kind `NotFound` when no entry has this id, or when the entry does not offer the
    ///   contract; of kind `Unavailable` when the application has stopped.
    func entry<Offered: Sendable>(
        _ text: String, as contract: Contract<Offered>
    ) throws(LuaError) -> (id: EntryID, target: Offered) {
        let entry = try find(text, as: contract)
        return (entry.id, entry.target)
    }

    /// Returns a link to the entry with an id, for an object that a script keeps.
    ///
    /// - Throws: the errors of ``entry(_:as:)``.
    func link<Offered: Sendable>(_ text: String, as contract: Contract<Offered>) throws(LuaError) -> Link<Offered> {
        try find(text, as: contract).link
    }

    private func find<Offered: Sendable>(
        _ text: String, as contract: Contract<Offered>
    ) throws(LuaError) -> Entry<Offered> {
        guard let registry else { throw .applicationStopped }
        let key = Key(name: ExactText(text), contract: contract.erased)
        let changeCount = registry.changeCount
        let known = found.withLock { found -> (any AnyEntry)? in
            if found.changeCount != changeCount { found = Found(changeCount: changeCount) }
            return found.entry(key)
        }
        if let known = known as? Entry<Offered> { return known }
        guard let id = EntryID(text), let link = registry.link(to: id, as: contract) else {
            throw .notFound("'\(text)' is not \(contract.words) of this application")
        }
        let entry = Entry(id, link)
        found.withLock { if $0.changeCount == changeCount { $0.entries[key] = entry } }
        return entry
    }
}
