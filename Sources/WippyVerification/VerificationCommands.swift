import WippyCommandLine
import WippyQueueCommand
public import WippyRuntime

/// The command `verify`.
public enum VerificationCommands {
    /// The command, and the parts that it needs in the application under test.
    public static let all: [any ProgramPart] = [
        CommandPart<VerifyCommand>(), QueueCommands.control,
        KindReplacement { kinds, log in CrashedApplication.testOfThisProcess(log: log)?.kinds(kinds) },
    ]
}
