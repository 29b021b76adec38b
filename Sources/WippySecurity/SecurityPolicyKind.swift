import WippyDefinition
import WippyRuntime

/// `security.policy`: a policy that allows or forbids actions on resources.
struct SecurityPolicyKind: EntryKind {
    static let name: KindName = "security.policy"
    static let summary = "Allows or forbids actions on resources. Policies are read and checked, but not enforced yet."

    func offers(_ entry: Entry<SecurityPolicy>) -> [Offer<SecurityPolicy>] { [Offer(.securityPolicy) { $0 }] }

    func check(all entries: [Entry<SecurityPolicy>], in plan: CheckContext) -> [Diagnostic] {
        guard let first = entries.first else { return [] }
        let sentence = "is not enforced: this version enforces no policy, so code may do everything"
        return [first.warning(SecurityPolicy.effectField, sentence)]
    }

    func build(_ entry: Entry<SecurityPolicy>, with context: BuildContext) -> Built<SecurityPolicy> {
        .component(entry.config)
    }
}
