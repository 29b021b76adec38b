public import WippyRuntime

/// The kinds of security.
public enum SecurityKinds {
    /// Policies.
    public static let all: [any EntryKind] = [SecurityPolicyKind()]
}
