public import WippyRuntime

/// The kinds that say who may do what.
public enum SecurityKinds {
    /// Policies.
    public static let all: [any EntryKind] = [SecurityPolicyKind()]
}
