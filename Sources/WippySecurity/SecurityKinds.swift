public import WippyRuntime

/// The kinds of the family of security.
public enum SecurityKinds {
    /// The kind `security.policy`, and the check of the family.
    public static let all: [any ProgramPart] = [SecurityPolicyKind(), SecurityCheck()]
}
