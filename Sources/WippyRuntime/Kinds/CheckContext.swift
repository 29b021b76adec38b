public import WippyDefinition

/// Shows a kind the rest of the plan while it checks an entry.
public struct CheckContext: Sendable {
    private let plan: Plan

    private let kinds: KindCatalog

    init(_ plan: Plan, kinds: KindCatalog = KindCatalog([])) {
        self.plan = plan
        self.kinds = kinds
    }

    /// The kind of an entry; nil if there is no such entry, or it has errors.
    public func kind(of id: EntryID) -> (any EntryKind)? {
        plan[id].flatMap { $0.isValid ? kinds[$0.kind.description] : nil }
    }

    /// The entries whose config has a type, or conforms to a protocol, in order of id.
    ///
    /// Entries with errors are left out.
    public func entries<Config: Sendable>(configuredAs type: Config.Type) -> [Entry<Config>] {
        plan.entries.valid(configuredAs: type)
    }

    /// Those of ``entries(configuredAs:)`` that belong to an entry.
    public func attached<Config: Sendable>(to id: EntryID, configuredAs type: Config.Type) -> [Entry<Config>] {
        plan.attached(to: id).valid(configuredAs: type)
    }

}

extension [PlannedEntry] {
    /// Those without errors whose configuration is of a type, or conforms to a protocol.
    fileprivate func valid<Config: Sendable>(configuredAs type: Config.Type) -> [Entry<Config>] {
        // Of very many entries most are of one kind, and to find that a type does not conform takes long.
        var misfit: Any.Type?
        return compactMap { entry in
            guard entry.isValid, Swift.type(of: entry.config) != misfit else { return nil }
            let found = entry.entry(configuredAs: type)
            if found == nil { misfit = Swift.type(of: entry.config) }
            return found
        }
    }
}
