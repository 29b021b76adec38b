public import WippyRuntime

/// The kinds that run Swift code or give it data, and the hosts of processes.
public enum ProcessKinds {
    /// The kinds of functions and processes in Swift, of hosts, of services that run a process, and of entries that
    /// are data for code.
    public static let all: [any ProgramPart] = [
        FunctionSwiftKind(), ProcessHostKind(), ProcessServiceKind(), ProcessSwiftKind(), RegistryEntryKind(),
        TerminalHostKind(),
    ]
}
