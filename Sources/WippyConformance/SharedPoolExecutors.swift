public import WippyRuntime

/// A provider whose only executor is Swift's shared pool, for tests without event loops.
public struct SharedPoolExecutors: ExecutorProvider {
    /// Creates the provider.
    public init() {}

    /// Returns the shared pool.
    public func next() -> any TaskExecutor { globalConcurrentExecutor }

    /// The shared pool.
    public var shared: any TaskExecutor { globalConcurrentExecutor }
}
