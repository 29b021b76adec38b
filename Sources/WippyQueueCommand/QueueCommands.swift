import WippyCommandLine
public import WippyRuntime

/// The command `queue`.
public enum QueueCommands {
    /// The command, and the part of a running application that answers it.
    public static let all: [any ProgramPart] = [CommandPart<QueueCommand>(), control]

    /// The service that shows and changes the queues of a running application.
    package static let control: any ProgramPart = ControlServicePart<QueueControl>()
}
