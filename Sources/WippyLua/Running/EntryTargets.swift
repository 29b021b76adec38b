import Synchronization
import WippyDefinition
import WippyRuntime
import WippyText

/// Finds entries by the ids that a script names while it runs.
///
/// An entry that was found is kept until the plan in force changes. So a call costs only one lookup in a table.
final class EntryTargets<Offered: Sendable>: Sendable {
    private struct Found {
        var changeCount = -1
        var entries: [ExactText: (id: EntryID, target: Offered)] = [:]
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
    ///   contract.
    func target(_ text: String) throws(WippyError) -> Offered { try entry(text).target }

    /// Returns the id that a text names, and the component of its entry.
    ///
    /// - Throws: the same errors as ``target(_:)``.
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
