/// The code of a host function, which is a Swift function that scripts call.
///
/// It reads its arguments from the stack, and returns a verdict.
///
/// While it runs, it blocks the thread that runs the script. So return ``LuaVerdict/wait(for:then:)`` for work that
/// takes time.
///
/// The script gets each error that the function throws. It gets a ``LuaRaise`` as a text, and a ``LuaError`` unchanged.
/// A `CancellationError` becomes a `LuaError` of the kind `Canceled`. Any other error becomes a `LuaError` of the kind
/// `Internal`.
public typealias LuaBody = @Sendable (LuaStack) throws -> LuaVerdict

/// The next step after a host function has returned.
public enum LuaVerdict {
    /// The host function ends.
    ///
    /// The associated number is the number of its results, which are the topmost values.
    case results(Int)
    /// The topmost value is raised as an error.
    case raise
    /// The coroutine is suspended until an operation or an event has ended the wait.
    ///
    /// Other coroutines of the call run meanwhile.
    case wait(LuaWait)
    /// A function is called, and then the ``LuaContinuation`` below it continues.
    ///
    /// The function is below its arguments, which are the topmost values. The associated number is the number of
    /// arguments.
    case call(arguments: Int)
    /// Other coroutines can run, and then the ``LuaContinuation`` on top continues.
    ///
    /// Return it from a long loop when ``LuaStack/isOverdue`` is true.
    case pause

    /// The host function ends without a result.
    public static var none: LuaVerdict { .results(0) }
    /// The host function ends with one result: the topmost value.
    public static var one: LuaVerdict { .results(1) }

    /// Suspends the coroutine while an operation runs, on the call's task or on a child of that task.
    ///
    /// When the call is cancelled, the operation is cancelled, too. The call cannot end before the operation has
    /// ended, so the operation must end soon when its task is cancelled.
    ///
    /// - Parameters:
    ///   - operation: the operation to wait for.
    ///   - finish: receives the operation's result and returns the next verdict. The closure runs on the thread that
    ///     runs the script. The host function's arguments are still at their positions on the stack. If the call is
    ///     cancelled meanwhile, the closure is not called.
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
