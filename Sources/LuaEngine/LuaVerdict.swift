/// What a host function does: reads its arguments, and says what is to happen.
///
/// It runs on the thread that runs the script, and holds it up; whatever takes time is a wait. What it throws is raised
/// in the script: a ``LuaRaise`` as text with the place, a ``LuaError`` as itself, another error as a `LuaError` of the
/// kind `Internal`.
public typealias LuaBody = @Sendable (LuaStack) throws -> LuaVerdict

/// What is to happen after a host function has returned.
public enum LuaVerdict {
    /// The topmost values are the results.
    case results(Int)
    /// The topmost value is raised.
    case raise
    /// The coroutine is suspended until an operation is over; others of the call go on meanwhile.
    case wait(LuaWait)
    /// The function below the topmost values is called with them, then the ``LuaContinuation`` below it goes on.
    case call(arguments: Int)
    /// Others have their turn, then the ``LuaContinuation`` on top goes on: for loops that take more than a moment.
    case pause

    /// No result.
    public static var none: LuaVerdict { .results(0) }
    /// One result: the topmost value.
    public static var one: LuaVerdict { .results(1) }

    /// Suspends the coroutine while an operation runs on the call's task or a child of it.
    ///
    /// The call's cancellation is the operation's; an operation that does not heed it holds up the call's end.
    ///
    /// - Parameters:
    ///   - operation: what to wait for.
    ///   - finish: says what is to happen then, as a host function does; the arguments are where they were. It runs on
    ///     the thread that runs the script.
    @inlinable
    public static func wait<Value: Sendable>(
        for operation: @escaping @Sendable () async throws -> Value,
        then finish: @escaping (LuaStack, Result<Value, any Error>) throws -> LuaVerdict
    ) -> LuaVerdict {
        let outcome = Outcome<Value>()
        return .wait(
            .operation {
                do {
                    outcome.result = .success(try await operation())
                } catch {
                    outcome.result = .failure(error)
                }
            } then: { stack in
                try finish(stack, outcome.result)
            })
    }
}
