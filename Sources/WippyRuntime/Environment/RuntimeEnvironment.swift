public import WippyDefinition
public import WippyLog

/// The event loops, clock, log, metrics and settings of an application.
///
/// The application gives them to everything that it builds.
public struct RuntimeEnvironment: Sendable {
    /// The event loops and the shared pool.
    public let executors: any ExecutorProvider

    /// The application's clock.
    public let clock: any RuntimeClock

    /// The log.
    public let log: Log

    /// The counters, timers and gauges.
    public let metrics: Metrics

    /// The project's settings at the start of the application.
    public let settings: ProjectSettings

    /// True if the application runs for development, so that clients may see the texts of errors.
    public let isDevelopment: Bool

    /// The registry, for code that looks up ids; nil if there is none.
    ///
    /// The reference is weak, because the registry holds everything that is built with this environment.
    public weak var registry: Registry?

    /// Tells whether every required service of the application is ready.
    public let readiness = Readiness()

    /// Creates an environment.
    public init(
        executors: any ExecutorProvider, clock: any RuntimeClock, log: Log, metrics: Metrics,
        settings: ProjectSettings = ProjectSettings(), isDevelopment: Bool = false
    ) {
        self.executors = executors
        self.clock = clock
        self.log = log
        self.metrics = metrics
        self.settings = settings
        self.isDevelopment = isDevelopment
    }
}
