public import WippyDefinition

/// What a kind sees of the plan when it checks an entry.
public struct LinkContext: Sendable {
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

    /// The entries with a configuration of a type that are attached to an entry and without errors, in order of id.
    public func attached<Config: Sendable & Equatable>(
        to id: EntryID, configuredAs type: Config.Type
    ) -> [Entry<Config>] {
        plan.attached(to: id).compactMap { $0.isValid ? $0.entry(configuredAs: type) : nil }
    }
}
