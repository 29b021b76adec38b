/// One run of a process on a host.
public final class ProcessRun: Sendable {
    private let task: Task<ProcessOutcome, Never>
    private let stop: StopSignal

    /// Creates the handle of a run.
    ///
    /// - Parameters:
    ///   - task: runs the process and returns its outcome.
    ///   - stop: asks the process to end.
    public init(task: Task<ProcessOutcome, Never>, stop: StopSignal) {
        self.task = task
        self.stop = stop
    }

    /// The outcome of the run.
    ///
    /// Reading it suspends until the run has ended.
    public var outcome: ProcessOutcome { get async { await task.value } }

    /// Asks the process to end, and returns at once.
    public func cancel() { stop.fire() }

    /// Cancels the process's task.
    ///
    /// Use it if the process does not end after ``cancel()``.
    public func terminate() { task.cancel() }
}
