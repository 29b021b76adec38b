public import WippyRuntime

/// The kinds of the family of security.
public enum SecurityKinds {
    /// The kind `security.policy`, and a check of the program's own kinds of policies.
    public static let all: [any ProgramPart] = [SecurityPolicyKind(), SecurityCheck()]
}
