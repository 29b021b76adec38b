public import WippyDefinition
public import WippyRuntime
import WippyText
import WippyValues

/// The block `security` of an entry: the actor and the policies for the entry's code.
///
/// The actor is the user or the program in whose name the code runs. The runtime does not enforce policies yet.
public struct SecurityContext: EntryConfig {
    /// The id of the actor; nil if the block has no actor.
    let actor: String?

    /// Data about the actor.
    let meta: [ExactText: Value]

    let policies: [Reference<SecurityPolicy>]

    /// The groups whose policies also apply.
    let groups: [EntryID]

    /// The path of the groups.
    private static let groupsField = "security.groups"

    /// Reads the fields below `security`.
    public init(from fields: inout FieldReader) {
        actor = fields.optional(
            "security.actor.id", as: String.self, "The id of the actor in whose name the code runs.")
        meta = fields.optional(
            "security.actor.meta", default: [:], "Data about the actor, which the conditions of policies compare.")
        policies = fields.optionalReferences(
            "security.policies", .securityPolicy, "The policies for the code. They are not enforced yet.")
        groups = fields.policyGroups(
            Self.groupsField, "Groups of policies for the code. They are not enforced yet.")
    }

    /// Returns a warning for each group that an entry names although no policy is in the group.
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
                return entry.warning(groupsField, "names the group '\(group)', but no policy is in it")
                    .suggesting(nearest)
            }
        }
    }
}
