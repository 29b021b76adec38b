public import WippyCommandLine

/// The command `verify`.
public enum VerificationCommands {
    /// The command, for a program's list of commands.
    public static let all: [any Command.Type] = [VerifyCommand.self]
}
