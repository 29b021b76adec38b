import WippyCommandLine
import WippyQueueCommand
public import WippyRuntime

/// The command `verify`.
public enum VerificationCommands {
    /// The command, the service by which it counts messages, and the replacement of kinds in the application that it
    /// tests.
    public static let all: [any ProgramPart] = [
        CommandPart<VerifyCommand>(), QueueCommands.control,
        KindReplacement { kinds, log in CrashedApplication.testOfThisProcess(log: log)?.kinds(kinds) },
    ]
}
