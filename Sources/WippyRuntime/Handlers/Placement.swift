public import WippyDefinition

/// The executor on which a handler's code runs, and the entry to which the code belongs.
public struct Placement: Sendable {
    @usableFromInline let entry: RunningEntry
    @usableFromInline let executors: any ExecutorProvider
    @usableFromInline let executor: (any TaskExecutor)?

    /// Creates a placement.
    ///
    /// - Parameters:
    ///   - entry: the id of the entry for which the handler is made.
    ///   - executors: the event loops and the shared pool of the application.
    ///   - executor: the executor for code that blocks or computes for more than a millisecond; nil for the
    ///     executor of the caller. Default: nil.
    public init(of entry: EntryID, among executors: any ExecutorProvider, on executor: (any TaskExecutor)? = nil) {
        self.entry = RunningEntry(entry)
        self.executors = executors
        self.executor = executor
    }

    /// Runs code on the placement's executor, or on the current executor if the placement has none.
    ///
    /// A report of a trap names the placement's entry.
    @inlinable
    public func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        guard let executor else { return try await runHere(body) }
        return try await RunningEntry.current.withValue(entry) {
            try await withTaskExecutorPreference(executor) {
                RunningEntry.prepareThread()
                return try await body()
            }
        }
    }

    /// Runs code on the current executor.
    ///
    /// Reports of traps and stalls name the placement's entry.
    @inlinable
    public func runHere<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await RunningEntry.current.withValue(entry) {
            let call = executors.began(entry)
            defer { if let call { executors.ended(call) } }
            return try await body()
        }
    }
}
