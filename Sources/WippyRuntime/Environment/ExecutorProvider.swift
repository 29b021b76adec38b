/// Provides the executors on which code runs.
public protocol ExecutorProvider: Sendable {
    /// Returns the next event loop in turn, for a worker or a process.
    func next() -> any TaskExecutor

    /// The pool for code that blocks or computes for more than a millisecond.
    var shared: any TaskExecutor { get }

    /// Notes that the current task begins to run an entry's code, so that the report of a stall can name the entry.
    ///
    /// - Returns: a number to pass to ``ended(_:)``; nil if nothing watches for stalls.
    func began(_ entry: RunningEntry) -> Int?

    /// Notes that the code has ended. `call` is the number from ``began(_:)``.
    func ended(_ call: Int)

    /// Runs `body` on the current event loop, after the jobs that are ready there; at once if the caller is on no event
    /// loop.
    func afterReadyJobs(_ body: @escaping @Sendable () -> Void)
}

extension ExecutorProvider {
    /// By default nothing watches for stalls.
    public func began(_ entry: RunningEntry) -> Int? { nil }

    /// By default nothing watches for stalls.
    public func ended(_ call: Int) {}

    /// By default runs `body` at once.
    public func afterReadyJobs(_ body: @escaping @Sendable () -> Void) { body() }
}
