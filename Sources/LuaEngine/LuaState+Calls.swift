import CWippyLua
import CWippyLuaShim

extension LuaState {
    /// Registers a cleanup that runs when the current call ends.
    public func cleanUpAfterCall(_ cleanup: any LuaCleanup) { scheduler.add(cleanup) }

    /// Withdraws a cleanup.
    ///
    /// Call this method when the script has done the work itself.
    public func isCleanedUp(_ cleanup: any LuaCleanup) { scheduler.remove(cleanup) }

    /// The cleanups that are registered for the current call, in no particular order.
    package var cleanups: [any LuaCleanup] { scheduler.cleanups.all }

    /// The coroutine of the current call that runs now: the main one, or a spawned one; nil if none runs.
    ///
    /// Only its identity means something.
    public var coroutine: AnyObject? { scheduler.current }

    /// Adds an operation that runs beside the coroutines of the current call.
    ///
    /// The operation begins when every coroutine of the call waits.
    ///
    /// - Parameters:
    ///   - operation: the operation. It must end soon when its task is cancelled.
    ///   - finish: receives an empty stack and the operation's result, on the thread that runs the script. It is not
    ///     called after ``LuaBackground/cancel()``, or after the call has ended.
    /// - Returns: the operation, which you can cancel.
    /// - Throws: ``LuaRaise`` if the call already has ``LuaBackground/maxCount`` pending operations.
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

    /// Calls a function that the state keeps, and waits until it returns.
    ///
    /// The call begins on the caller's executor. When it has run for 10 ms without a wait, has reached the limit for
    /// memory, or begins a long computation, it goes on in ``LuaThreads/pool`` until it waits. Coroutines that the
    /// function has spawned end with the call. When the engine notices that the task was cancelled, every further step
    /// of the script raises an error. The closures `arguments` and `results` run on the caller's executor.
    ///
    /// - Parameters:
    ///   - function: a function, or another value that can be called.
    ///   - arguments: pushes the arguments on an empty stack, and returns their number. Default: no arguments.
    ///   - results: reads the results. The first one is at position 1.
    /// - Returns: the value that `results` returns.
    /// - Throws: ``LuaFailure``, also for an error of `arguments` or `results`.
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
        // Most calls end in their first part, or wait once or twice.
        let progress = try scheduler.start(function, arguments)
        if progress != .ended { await scheduler.finish(progress) }
        var failure = scheduler.outcome
        if failure == nil, let stack = scheduler.results {
            do { try results(stack) } catch { failure = LuaFailure(raised: LuaError(error)) }
        }
        if scheduler.end() { await scheduler.cleanUp() }
        if let failure { throw failure }
    }
}
