extension RuntimeClock {
    /// Runs `body`, cancels it when the time is up, and goes on without it if it ignores the cancellation.
    ///
    /// Use it for code that is not yours, such as a call of a library. An abandoned `body` runs on, and its result is
    /// dropped. So `body` must own what it uses.
    ///
    /// - Parameters:
    ///   - limit: the longest time that `body` may take.
    ///   - grace: the longest time for which the call waits after the cancellation.
    ///   - error: makes the error for a `body` that takes longer. Its argument is true if `body` still runs.
    ///   - body: the work. It runs on the shared pool, in a task of its own that is also cancelled with the caller's
    ///     task.
    /// - Returns: the result of `body`, also if `body` returned it within the grace.
    /// - Throws: the error of a `body` that ends in time. If `body` is cancelled, and returns no result within the
    ///   grace: `CancellationError` when the caller's task was cancelled, otherwise `error`.
    public func within<Result: Sendable>(
        _ limit: Duration, abandoningAfter grace: Duration,
        orThrow error: (_ isAbandoned: Bool) -> any Error, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        // The task is unstructured, because a task group would wait for a body that ignores its cancellation.
        let task = Task { () async -> Swift.Result<Result, any Error> in
            do {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
        let end = OneShotEvent(endOf: [task], on: nil)
        await end.wait(until: now + limit, by: self)
        guard !end.isFired else { return try await task.value.get() }
        task.cancel()
        await uncancelled { await end.wait(until: now + grace, by: self) }
        if end.isFired, case .success(let result) = await task.value { return result }
        try Task.checkCancellation()
        throw error(!end.isFired)
    }
}
