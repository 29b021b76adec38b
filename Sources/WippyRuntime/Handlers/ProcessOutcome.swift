public import WippyValues

/// The way in which a process ended.
public enum ProcessOutcome: Sendable {
    /// The process has done its work: it returned 0, or a value that is neither false nor a number.
    case completed
    /// The process returned false or a number other than 0, or it threw an error other than a `CancellationError`. The
    /// text describes the failure.
    case failed(String)
    /// The process threw a `CancellationError`, for example after ``ProcessRun/cancel()`` or
    /// ``ProcessRun/terminate()``.
    case cancelled

    /// Creates the outcome of a process that has returned a value.
    public init(returned value: Value) {
        self =
            switch value {
            case .integer(let code) where code != 0: .failed("returned \(code)")
            case .unsigned(let code) where code != 0: .failed("returned \(code)")
            case .float(let number) where number != 0: .failed("returned \(number)")
            case .bool(false): .failed("returned false")
            default: .completed
            }
    }
}
