public import WippyLog

/// What the application hands to everything that it builds.
public struct RuntimeEnvironment: Sendable {
    /// Where code runs: threads that take turns, and the shared pool.
    public let executors: any ExecutorProvider

    /// The clock that everything waits by.
    public let clock: any RuntimeClock

    /// The log.
    public let log: Log

    /// Counters and timers.
    public let metrics: Metrics

    /// Whether the application runs for development: answers and lines may show more.
    public let isDevelopment: Bool

    /// What a test by killing has the application do; nil otherwise.
    package var crashTest: CrashTest?

    /// What runs, for code that names entries while it runs; nil without an application.
    ///
    /// Weak, since the registry holds what is built with it.
    public weak var registry: Registry?

    /// Whether every required service is ready: of one application, and so of one supervisor.
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

/// Where code runs.
public protocol ExecutorProvider: Sendable {
    /// The executor whose turn it is: workers and processes are dealt out among them.
    func next() -> any TaskExecutor

    /// The pool for code that blocks or computes for more than a millisecond.
    var shared: any TaskExecutor { get }

    /// Notes that the current task runs an entry's code from here on, so that a stall can be told by the entry.
    ///
    /// - Returns: what ``ended(_:)`` is told; nil where nobody watches.
    func began(_ entry: RunningEntry) -> Int?

    /// Notes that the code has ended.
    func ended(_ call: Int)

    /// Runs `body` once the jobs that are ready on the current executor have run; at once outside of all of them.
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
