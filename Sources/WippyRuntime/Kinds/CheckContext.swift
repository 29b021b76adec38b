public import WippyDefinition

/// A kind's access to the plan while it checks an entry.
public struct CheckContext: Sendable {
    private let plan: Plan

    private let kinds: KindCatalog

    init(_ plan: Plan, kinds: KindCatalog = KindCatalog([])) {
        self.plan = plan
        self.kinds = kinds
    }

    /// Returns the kind of an entry; nil if the entry does not exist or could not be decoded without errors.
    public func kind(of id: EntryID) -> (any EntryKind)? {
        plan[id].flatMap { $0.isValid ? kinds[$0.kind.description] : nil }
    }

    /// Returns the entries whose config has the given type, or conforms to the given protocol, in order of id.
    ///
    /// Entries that could not be decoded without errors are left out.
    public func entries<Config: Sendable>(configuredAs type: Config.Type) -> [Entry<Config>] {
        plan.entries.valid(configuredAs: type)
    }

    /// Returns the entries that belong to an entry, in order of id.
    ///
    /// Their config has the given type, or conforms to the given protocol. Entries that could not be decoded without
    /// errors are left out.
    public func attached<Config: Sendable>(to id: EntryID, configuredAs type: Config.Type) -> [Entry<Config>] {
        plan.attached(to: id).valid(configuredAs: type)
    }

    /// Returns the contracts that other entries need of an entry.
    public func contracts(neededOf id: EntryID) -> Set<AnyContract> {
        Set(plan.entries.flatMap(\.references).filter { $0.entry == id }.compactMap(\.contract))
    }
}

extension [PlannedEntry] {
    /// The entries without errors whose config is of a type, or conforms to a protocol.
    fileprivate func valid<Config: Sendable>(configuredAs type: Config.Type) -> [Entry<Config>] {
        // A large plan has very many entries of one type, and a cast that fails is slow. So the last type that failed
        // is remembered.
        var misfit: Any.Type?
        return compactMap { entry in
            guard entry.isValid, Swift.type(of: entry.config) != misfit else { return nil }
            let found = entry.entry(configuredAs: type)
            if found == nil { misfit = Swift.type(of: entry.config) }
            return found
        }
    }
}
