/// The reason why a coroutine is suspended.
public enum LuaWait {
    /// An operation, and the closure that continues after it.
    case operation(@Sendable () async -> Void, then: (LuaStack) throws -> LuaVerdict)
    /// An event in the state, such as a value in a channel.
    ///
    /// The code that causes the event wakes the coroutine.
    case event
}

/// The result of an operation.
///
/// `@unchecked Sendable`: the operation writes the result before it ends, and nobody reads it earlier.
@usableFromInline
final class Outcome<Value: Sendable>: @unchecked Sendable {
    @usableFromInline var result: Result<Value, any Error> = .failure(CancellationError())

    @usableFromInline init() {}
}
