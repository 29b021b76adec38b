public import WippyRuntime

/// The kinds of security.
public enum SecurityKinds {
    /// Every kind of this library: `security.policy`.
    public static let all: [any EntryKind] = [SecurityPolicyKind()]
}
