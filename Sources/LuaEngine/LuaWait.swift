/// What a suspended coroutine waits for.
public enum LuaWait {
    /// An operation, and what goes on after it.
    case operation(@Sendable () async -> Void, then: (LuaStack) throws -> LuaVerdict)
    /// Something that happens in the state, such as a value in a channel; whoever brings it about wakes the coroutine.
    case event
}

/// Where an operation leaves its result.
///
/// `@unchecked Sendable`: the operation writes before it ends, and nobody reads before that.
@usableFromInline
final class Outcome<Value: Sendable>: @unchecked Sendable {
    @usableFromInline var result: Result<Value, any Error> = .failure(CancellationError())

    @usableFromInline init() {}
}
