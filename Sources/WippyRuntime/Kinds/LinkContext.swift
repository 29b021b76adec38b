public import WippyDefinition

/// What a kind sees of the plan when it checks an entry.
public struct LinkContext: Sendable {
    private let plan: Plan

    init(_ plan: Plan) {
        self.plan = plan
    }

    /// The entries with a configuration of a type that are attached to an entry and without errors, in order of id.
    public func attached<Config: Sendable & Equatable>(
        to id: EntryID, configuredAs type: Config.Type
    ) -> [Entry<Config>] {
        plan.attached(to: id).compactMap { $0.isValid ? $0.entry(configuredAs: type) : nil }
    }
}
