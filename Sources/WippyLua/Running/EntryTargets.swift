import Synchronization
import WippyDefinition
import WippyRuntime
import WippyText

/// Finds the entries that a script names by their ids while it runs.
///
/// An entry that was found is kept until the plan in force changes, so that a call costs one lookup in a table.
final class EntryTargets<Offered: Sendable>: Sendable {
    private struct Found {
        var changeCount = -1
        var entries: [ExactText: (id: EntryID, target: Offered)] = [:]
    }

    private let contract: Contract<Offered>
    private weak let registry: Registry?
    private let found = Mutex(Found())

    /// - Parameter registry: the application's registry; nil if no entry can be found.
    init(_ contract: Contract<Offered>, in registry: Registry?) {
        self.contract = contract
        self.registry = registry
    }

    /// Returns the component of an entry, by the entry's full id.
    ///
    /// - Throws: `WippyError` of kind `NotFound` when there is none, or it offers something else.
    func target(_ text: String) throws(WippyError) -> Offered { try entry(text).target }

    /// The id that a text is, and its entry as what the contract names.
    ///
    /// - Throws: as ``target(_:)``.
    func entry(_ text: String) throws(WippyError) -> (id: EntryID, target: Offered) {
        guard let registry else {
            throw WippyError(.unavailable, "the application has stopped", isRetryable: false)
        }
        let name = ExactText(text)
        let changeCount = registry.changeCount
        let known = found.withLock { found -> (id: EntryID, target: Offered)? in
            if found.changeCount != changeCount { found = Found(changeCount: changeCount) }
            return found.entries[name]
        }
        if let known { return known }
        guard let id = EntryID(text, relativeTo: ""),
            let target = registry.link(to: id, as: contract)?.target
        else {
            throw WippyError(.notFound, "'\(text)' is not \(contract.words) of this application", isRetryable: false)
        }
        found.withLock { if $0.changeCount == changeCount { $0.entries[name] = (id, target) } }
        return (id, target)
    }
}
