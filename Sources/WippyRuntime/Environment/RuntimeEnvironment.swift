public import WippyLog

/// Gives everything that the application builds its loops, clock, log and metrics.
public struct RuntimeEnvironment: Sendable {
    /// The event loops and the shared pool.
    public let executors: any ExecutorProvider

    /// The clock that everything waits by.
    public let clock: any RuntimeClock

    /// The log.
    public let log: Log

    /// Counters and timers.
    public let metrics: Metrics

    /// Whether the application runs for development, so that error answers may show more.
    public let isDevelopment: Bool

    /// The running application's registry, for code that looks up ids; nil without an application.
    ///
    /// It is weak, because the registry holds everything that is built with it.
    public weak var registry: Registry?

    /// Whether every required service of the application is ready.
    public let readiness = Readiness()

    /// Creates an environment.
    public init(
        executors: any ExecutorProvider, clock: any RuntimeClock, log: Log, metrics: Metrics,
        isDevelopment: Bool = false
    ) {
        self.executors = executors
        self.clock = clock
        self.log = log
        self.metrics = metrics
        self.isDevelopment = isDevelopment
    }
}

/// Provides the executors on which code runs.
public protocol ExecutorProvider: Sendable {
    /// The next executor in turn, for a worker or a process.
    func next() -> any TaskExecutor

    /// The pool for code that blocks or computes for more than a millisecond.
    var shared: any TaskExecutor { get }

    /// Notes that the current task begins to run an entry's code, so that a stall can name the entry.
    ///
    /// - Returns: a number for ``ended(_:)``; nil if nobody watches.
    func began(_ entry: RunningEntry) -> Int?

    /// Notes that the code has ended.
    func ended(_ call: Int)

    /// Runs `body` after the jobs that are ready on the current executor; at once if there is none.
    func afterReadyJobs(_ body: @escaping @Sendable () -> Void)
}

extension ExecutorProvider {
    /// By default nobody watches.
    public func began(_ entry: RunningEntry) -> Int? { nil }

    /// By default nobody watches.
    public func ended(_ call: Int) {}

    /// By default it runs at once.
    public func afterReadyJobs(_ body: @escaping @Sendable () -> Void) { body() }
}
