public import WippyRuntime

/// The kinds that run Swift code.
public enum ProcessKinds {
    /// Functions, processes, their hosts and services.
    public static let all: [any ProgramPart] = [
        FunctionSwiftKind(), ProcessHostKind(), ProcessServiceKind(), ProcessSwiftKind(), TerminalHostKind(),
    ]
}
