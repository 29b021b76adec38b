public import WippyRuntime
public import WippyTestTools

// What the runtime takes from its environment.

extension TestClock: RuntimeClock {}

extension OneThread: ExecutorProvider {
    /// Returns this executor.
    public func next() -> any TaskExecutor { self }

    /// This executor.
    public var shared: any TaskExecutor { self }
}
