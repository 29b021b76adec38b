import CWippyLua
import CWippyLuaShim

extension LuaState {
    /// Has something cleaned up when the call in progress ends.
    public func cleanUpAfterCall(_ cleanup: any LuaCleanup) { scheduler.add(cleanup) }

    /// Takes that back, since the script has done it.
    public func isCleanedUp(_ cleanup: any LuaCleanup) { scheduler.remove(cleanup) }

    /// Starts an operation beside the coroutines of the call in progress.
    ///
    /// - Parameters:
    ///   - operation: what to wait for; it heeds cancellation.
    ///   - finish: what is to be done in the state then, on the thread that runs the script, with an empty stack.
    @discardableResult public func runInBackground<Value: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Value,
        then finish: @escaping (LuaStack, Result<Value, any Error>) -> Void
    ) throws(LuaRaise) -> LuaBackground {
        let outcome = Outcome<Value>()
        let item = LuaBackground {
            do {
                outcome.result = .success(try await operation())
            } catch {
                outcome.result = .failure(error)
            }
        } then: { stack in
            finish(stack, outcome.result)
        }
        try scheduler.add(item)
        return item
    }

    var isEnding: Bool { scheduler.isEnding }

    func suspend(for wait: LuaWait) { scheduler.suspend(for: wait) }

    func goOn(_ stack: LuaStack) throws -> LuaVerdict { try scheduler.goOn(stack) }

    /// Calls a function that the state keeps, and waits for its main routine; coroutines that it spawned end with it.
    ///
    /// It runs on the caller's executor, until it has run 10 ms without waiting for anything: then it goes on in
    /// ``LuaThreads/pool`` until it waits. Cancelling the task raises an error in the script again and again until it
    /// has ended.
    ///
    /// - Parameters:
    ///   - function: a function, or a value that can be called.
    ///   - arguments: pushes the arguments and says how many.
    ///   - results: reads the results; the first is at 1.
    /// - Throws: ``LuaFailure``; what `arguments` or `results` throw comes as one, too.
    @inlinable
    public func call<Result>(
        _ function: LuaReference, arguments: (LuaStack) throws -> Int = { _ in 0 },
        results: (LuaStack) throws -> Result
    ) async throws(LuaFailure) -> Result {
        var result: Result?
        try await run(function, arguments: arguments) { stack in result = try results(stack) }
        guard let result else { throw LuaFailure(.unusable, "no result") }
        return result
    }

    @usableFromInline
    func run(
        _ function: LuaReference, arguments: (LuaStack) throws -> Int,
        results: (LuaStack) throws -> Void
    ) async throws(LuaFailure) {
        // Most calls end in their first stretch, or wait once or twice.
        let progress = try scheduler.start(function, arguments)
        if progress != .ended { await scheduler.finish(progress) }
        var failure = scheduler.outcome
        if failure == nil, let stack = scheduler.results {
            do { try results(stack) } catch { failure = LuaFailure(.raised, "\(error)", error: LuaError(error)) }
        }
        if scheduler.end() { await scheduler.cleanUp() }
        if let failure { throw failure }
    }
}
