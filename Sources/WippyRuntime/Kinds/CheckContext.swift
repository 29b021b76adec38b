public import WippyDefinition

/// What a kind sees of the plan when it checks an entry.
public struct CheckContext: Sendable {
    private let plan: Plan

    private let kinds: KindCatalog

    init(_ plan: Plan, kinds: KindCatalog = KindCatalog([])) {
        self.plan = plan
        self.kinds = kinds
    }

    /// The kind of an entry; nil when there is no such entry, or it has errors.
    public func kind(of id: EntryID) -> (any EntryKind)? {
        plan[id].flatMap { $0.isValid ? kinds[$0.kind.description] : nil }
    }

    /// The entries without errors whose configuration is of a type, or conforms to a protocol, in order of id.
    public func entries<Config: Sendable>(configuredAs type: Config.Type) -> [Entry<Config>] {
        valid(plan.entries, type)
    }

    /// Those of ``entries(configuredAs:)`` that are attached to an entry.
    public func attached<Config: Sendable>(to id: EntryID, configuredAs type: Config.Type) -> [Entry<Config>] {
        valid(plan.attached(to: id), type)
    }

    private func valid<Config: Sendable>(_ entries: [PlannedEntry], _ type: Config.Type) -> [Entry<Config>] {
        entries.compactMap { $0.isValid ? $0.entry(configuredAs: type) : nil }
    }
}
