public import WippyRuntime

/// The kinds of the family of security.
public enum SecurityKinds {
    /// All kinds of the family: `security.policy`.
    public static let all: [any ProgramPart] = [SecurityPolicyKind()]
}
