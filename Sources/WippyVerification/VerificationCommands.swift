import WippyCommandLine
import WippyQueueCommand
public import WippyRuntime

/// The command `verify`.
public enum VerificationCommands {
    /// The command, the part of the tested application that tells it the number of messages, and the replacement of
    /// kinds in the tested application.
    public static let all: [any ProgramPart] = [
        CommandPart<VerifyCommand>(), QueueCommands.control,
        KindReplacement { kinds, log in CrashedApplication.testOfThisProcess(log: log)?.kinds(kinds) },
    ]
}
