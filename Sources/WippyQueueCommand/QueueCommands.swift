public import WippyCommandLine

/// The command `queue`.
public enum QueueCommands {
    /// The command, for a program's list of commands.
    public static let all: [any Command.Type] = [QueueCommand.self]
}
