/// The thing that a suspended coroutine waits for.
public enum LuaWait {
    /// An operation, and the closure that continues after it.
    case operation(@Sendable () async -> Void, then: (LuaStack) throws -> LuaVerdict)
    /// An event in the state, such as a value in a channel.
    ///
    /// The code that makes it happen wakes the coroutine.
    case event
}

/// The result of an operation.
///
/// `@unchecked Sendable`: the operation writes before it ends, and nobody reads before that.
@usableFromInline
final class Outcome<Value: Sendable>: @unchecked Sendable {
    @usableFromInline var result: Result<Value, any Error> = .failure(CancellationError())

    @usableFromInline init() {}
}
