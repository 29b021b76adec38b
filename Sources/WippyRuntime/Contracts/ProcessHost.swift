public import WippyDefinition
public import WippyValues

/// An entry that runs processes.
public protocol ProcessHost: Sendable {
    /// Starts one run of a process.
    ///
    /// - Parameter ready: called once, when others may rely on the process; not at all if it ends before.
    /// - Returns: the run, when it has begun.
    /// - Throws: ``WippyError`` of kind `Unavailable`, which may be tried again, when the host is not running or has no
    ///   place left.
    func spawn(
        _ process: any HostedProcess, as id: EntryID, input: [Value], ready: @escaping @Sendable () -> Void
    ) async throws -> ProcessRun
}

/// An entry that a host can run: code that goes on until it is done.
public protocol HostedProcess: Sendable {
    /// Runs the process once.
    ///
    /// - Returns: what it ends with; see ``ProcessOutcome``.
    func run(_ context: ProcessContext) async throws -> Value
}

/// How a process ended.
public enum ProcessOutcome: Sendable {
    /// It returned, and neither false nor a number other than 0: its work is done.
    case completed
    /// It returned false or a number other than 0, or threw; the sentence says which.
    case failed(String)
    /// It was cancelled or terminated before it had ended.
    case cancelled

    /// Reads what a process returned.
    public init(returned value: Value) {
        self =
            switch value {
            case .integer(0), .null, .bool(true): .completed
            case .integer(let code): .failed("returned \(code)")
            case .unsigned(let code): .failed("returned \(code)")
            case .float(let number) where number != 0: .failed("returned \(number)")
            case .bool(false): .failed("returned false")
            default: .completed
            }
    }
}

extension Contract where Offered == any ProcessHost {
    /// An entry that runs processes.
    public static var processHost: Self { Contract("a process host") }
}

extension Contract where Offered == any HostedProcess {
    /// An entry that a host can run.
    public static var process: Self { Contract("a process", meaning: .calls) }
}
