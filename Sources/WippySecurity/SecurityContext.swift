public import WippyDefinition
public import WippyRuntime
import WippyText
import WippyValues

/// The block `security`: the actor in whose name code runs, and the policies for it.
public struct SecurityContext: EntryConfig {
    /// Who runs it; nil for nobody in particular.
    let actor: String?

    /// What is known of the actor.
    let meta: [ExactText: Value]

    let policies: [EntryID]

    /// Groups whose policies count, too.
    let groups: [EntryID]

    /// Reads the fields.
    public init(from fields: inout FieldReader) {
        actor = fields.optional("actor.id", as: String.self, "The actor in whose name the code runs.")
        meta = fields.optional("actor.meta", default: [:], "Data about the actor, for conditions.")
        policies = fields.optionalReferences(
            "policies", .securityPolicy, "The policies that say what the code may do.")
        groups = fields.policyGroups("Groups of policies that apply too.")
    }

    /// Finds groups without a policy.
    ///
    /// - Parameters:
    ///   - entries: the entries with a block `security`.
    ///   - plan: the plan that the entries belong to.
    public static func check(_ entries: [Entry<SecurityContext>], in plan: CheckContext) -> [Diagnostic] {
        let named = entries.filter { !$0.config.groups.isEmpty }
        guard !named.isEmpty else { return [] }
        let groups = Set(plan.entries(configuredAs: SecurityPolicy.self).flatMap(\.config.groups))
        return named.flatMap { entry in
            entry.config.groups.filter { !groups.contains($0) }.map { group in
                let nearest = Spelling.nearest(to: group.description, among: groups.map(\.description).sorted())
                let sentence = "names the group '\(group)', which no policy is in\(Spelling.suggestion(nearest))"
                return entry.warning("security.groups", sentence)
            }
        }
    }
}
