public import WippyRuntime

/// The kinds that run Swift code, and the hosts of processes.
public enum ProcessKinds {
    /// The kinds of functions and processes in Swift, of hosts, and of services that run a process.
    public static let all: [any ProgramPart] = [
        FunctionSwiftKind(), ProcessHostKind(), ProcessServiceKind(), ProcessSwiftKind(), TerminalHostKind(),
    ]
}
