import WippyCommandLine
public import WippyRuntime

/// The command `verify`.
public enum VerificationCommands {
    /// The command `verify`, and an element that replaces kinds in the application that the command tests.
    public static let all: [any ProgramPart] = [
        CommandPart<VerifyCommand>(),
        KindReplacement { kinds, log in CrashedApplication.testOfThisProcess(log: log)?.kinds(kinds) },
    ]
}
