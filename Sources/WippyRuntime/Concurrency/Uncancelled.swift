/// Runs a closure to its end, even if the caller's task is cancelled.
///
/// The closure runs in a task of its own, for which the call waits.
///
/// ```swift
/// await uncancelled { await group.shutDown() }
/// ```
///
/// - Parameters:
///   - executor: the executor of that task; nil for Swift's shared pool. Default: nil.
///   - body: the closure.
/// - Returns: the closure's result.
/// - Throws: the closure's error.
public func uncancelled<Result: Sendable, Failure: Error>(
    on executor: (any TaskExecutor)? = nil, _ body: @escaping @Sendable () async throws(Failure) -> Result
) async throws(Failure) -> Result {
    let task = Task(executorPreference: executor) { () async -> Swift.Result<Result, Failure> in
        do throws(Failure) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
    return try await task.value.get()
}
