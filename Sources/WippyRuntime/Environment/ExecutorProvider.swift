/// Provides the executors on which code runs.
public protocol ExecutorProvider: Sendable {
    /// Returns an executor for a service, a worker or a process: the next event loop in turn, if there are event loops.
    func next() -> any TaskExecutor

    /// The pool for code that blocks or computes for more than a millisecond.
    var shared: any TaskExecutor { get }

    /// Notes that the current task begins to run an entry's code. So the report of a stall can name the entry.
    ///
    /// - Returns: a number to pass to ``ended(_:)``; nil if nothing was noted.
    func began(_ entry: RunningEntry) -> Int?

    /// Notes that the code has ended. `call` is the number from ``began(_:)``.
    func ended(_ call: Int)

    /// Runs `body` on the current event loop, after the jobs that are ready there. Runs it at once if the caller is not
    /// on an event loop.
    func afterReadyJobs(_ body: @escaping @Sendable () -> Void)
}

extension ExecutorProvider {
    /// Returns nil, because this default does not watch stalls.
    public func began(_ entry: RunningEntry) -> Int? { nil }

    /// Does nothing, because this default does not watch stalls.
    public func ended(_ call: Int) {}

    /// Runs `body` at once.
    public func afterReadyJobs(_ body: @escaping @Sendable () -> Void) { body() }
}
