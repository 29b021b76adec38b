import Synchronization

/// One run of a service: a task of its own that reports how it goes.
struct ServiceAttempt: Sendable {
    /// Lets the first of several calls through.
    private final class Once: Sendable {
        private let isDone = Atomic(false)

        func callAsFunction(_ body: () -> Void) {
            if !isDone.exchange(true, ordering: .relaxed) { body() }
        }
    }

    private let stop: StopSignal
    private let task: Task<Void, Never>

    /// Begins the run on an executor, as code of its entry.
    ///
    /// - Parameter report: called at most once with `ready`, and once with how the run ended.
    init(
        of service: any ManagedService, as entry: RunningEntry, on executor: any TaskExecutor,
        report: @escaping @Sendable (SupervisorState.AttemptReport) -> Void
    ) {
        let stop = StopSignal()
        let once = Once()
        self.stop = stop
        // Unstructured, so that the application can end without an attempt that ignores its cancellation. The
        // supervisor's loop cancels it, and learns of its end by the report.
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
