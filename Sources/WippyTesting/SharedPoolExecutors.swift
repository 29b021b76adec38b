public import WippyRuntime

/// Runs everything on Swift's shared pool, for tests without event loops.
public struct SharedPoolExecutors: ExecutorProvider {
    /// Creates the provider.
    public init() {}

    /// The pool.
    public func next() -> any TaskExecutor { globalConcurrentExecutor }

    /// The pool.
    public var shared: any TaskExecutor { globalConcurrentExecutor }
}
