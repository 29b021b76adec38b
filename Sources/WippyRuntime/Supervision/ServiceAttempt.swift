import Synchronization

/// One run of a service, in a separate task that reports its progress.
struct ServiceAttempt: Sendable {
    /// Runs the closure of the first of several calls.
    private final class Once: Sendable {
        private let isDone = Atomic(false)

        func callAsFunction(_ body: () -> Void) {
            if !isDone.exchange(true, ordering: .relaxed) { body() }
        }
    }

    private let stop: StopSignal
    private let task: Task<Void, Never>

    /// Begins the run on an executor.
    ///
    /// Reports of traps and stalls name its entry.
    ///
    /// - Parameter report: called at most once with `ready`, and once with the end of the run.
    init(
        of service: any ManagedService, as entry: RunningEntry, on executor: any TaskExecutor,
        report: @escaping @Sendable (SupervisorState.AttemptReport) -> Void
    ) {
        let stop = StopSignal()
        let once = Once()
        self.stop = stop
        // The task is unstructured, so that the application can end without an attempt that ignores its cancellation.
        // The supervisor's loop cancels the task, and the report tells the loop about its end.
        task = Task(executorPreference: executor) {
            do {
                try await RunningEntry.current.withValue(entry) {
                    try await service.run(ready: { once { report(.ready) } }, stop: stop)
                }
                report(.finished)
            } catch {
                report(.failed(ServiceFailure(reading: error)))
            }
        }
    }

    /// Asks the run to end before a time.
    func fireStop(deadline: Duration) { stop.fire(deadline: deadline) }

    /// Cancels the run's task.
    func cancel() { task.cancel() }
}
