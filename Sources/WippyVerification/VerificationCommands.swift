import WippyCommandLine
public import WippyRuntime

/// The command `verify`.
public enum VerificationCommands {
    /// The command, and the replacement of kinds in the application that it tests.
    public static let all: [any ProgramPart] = [
        CommandPart<VerifyCommand>(),
        KindReplacement { kinds, log in CrashedApplication.testOfThisProcess(log: log)?.kinds(kinds) },
    ]
}
