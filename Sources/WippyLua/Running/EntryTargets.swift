import Synchronization
import WippyDefinition
import WippyRuntime
import WippyText

/// Finds entries by the ids that a script names while it runs.
///
/// An entry that was found is kept until the plan in force changes. So a call costs only one lookup in a table, and no
/// lookup if it names the same entry as the call before.
final class EntryTargets<Offered: Sendable>: Sendable {
    private final class Entry: Sendable {
        let id: EntryID
        let target: Offered

        init(_ id: EntryID, _ target: Offered) { (self.id, self.target) = (id, target) }
    }

    /// The entries that were found while a plan was in force.
    private struct Found {
        var changeCount = -1
        var entries: [ExactText: Entry] = [:]
        var last: (name: ExactText, entry: Entry)?

        mutating func entry(_ name: ExactText) -> Entry? {
            if let last, last.name == name { return last.entry }
            guard let entry = entries[name] else { return nil }
            last = (name, entry)
            return entry
        }
    }

    private let contract: Contract<Offered>
    private weak let registry: Registry?
    private let found = Mutex(Found())

    /// - Parameter registry: the application's registry; nil if there is no application, so that no entry can be found.
    init(_ contract: Contract<Offered>, in registry: Registry?) {
        self.contract = contract
        self.registry = registry
    }

    /// Returns the component of an entry, by the entry's full id.
    ///
    /// - Throws: `WippyError` of kind `NotFound` when no entry has this id, or when the entry does not offer the
    ///   contract; of kind `Unavailable` when the application has stopped.
    func target(_ text: String) throws(WippyError) -> Offered { try find(text).target }

    /// Returns the id that a text names, and the component of its entry.
    ///
    /// - Throws: the same errors as ``target(_:)``.
    func entry(_ text: String) throws(WippyError) -> (id: EntryID, target: Offered) {
        let entry = try find(text)
        return (entry.id, entry.target)
    }

    private func find(_ text: String) throws(WippyError) -> Entry {
        guard let registry else {
            throw WippyError(.unavailable, "the application has stopped", isRetryable: false)
        }
        let name = ExactText(text)
        let changeCount = registry.changeCount
        let known = found.withLock { found -> Entry? in
            if found.changeCount != changeCount { found = Found(changeCount: changeCount) }
            return found.entry(name)
        }
        if let known { return known }
        guard let id = EntryID(text, relativeTo: ""),
            let target = registry.link(to: id, as: contract)?.target
        else {
            throw WippyError(.notFound, "'\(text)' is not \(contract.words) of this application", isRetryable: false)
        }
        let entry = Entry(id, target)
        found.withLock { if $0.changeCount == changeCount { $0.entries[name] = entry } }
        return entry
    }
}
