public import WippyDefinition
public import WippyValues

/// An entry that runs processes.
public protocol ProcessHost: Sendable {
    /// Starts one run of a process.
    ///
    /// - Parameters:
    ///   - process: the process to run.
    ///   - id: the id of the process's entry.
    ///   - input: the arguments of the process.
    ///   - ready: called at most once, when other entries can rely on the process.
    /// - Returns: the run, which goes on after the call.
    /// - Throws: ``WippyError`` of kind `Unavailable`, retryable, when the host is not running or is full.
    func spawn(
        _ process: any HostedProcess, as id: EntryID, input: [Value], ready: @escaping @Sendable () -> Void
    ) async throws -> ProcessRun
}

/// An entry that a host can run: code that runs until its work is done.
public protocol HostedProcess: Sendable {
    /// Runs the process once.
    ///
    /// - Returns: the result. ``ProcessOutcome`` describes the meaning of results.
    func run(_ context: ProcessContext) async throws -> Value
}

extension Contract where Offered == any ProcessHost {
    /// The contract of an entry that runs processes.
    public static var processHost: Self { Contract("a process host") }

    /// The contract of an entry that runs processes which read and write the program's standard streams.
    public static var terminalHost: Self { Contract("a terminal host") }
}

extension Contract where Offered == any HostedProcess {
    /// The contract of an entry that a host can run.
    public static var process: Self { Contract("a process", meaning: .calls) }
}
