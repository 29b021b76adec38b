public import WippyRuntime

/// The kinds that run Swift code, and the one that holds data only.
public enum ProcessKinds {
    /// Functions, processes, their hosts and services, and entries without code.
    public static let all: [any EntryKind] = [
        FunctionSwiftKind(), ProcessHostKind(), ProcessServiceKind(), ProcessSwiftKind(), RegistryEntryKind(),
        TerminalHostKind(),
    ]
}
