public import LuaEngine

/// An object that a script holds open while it calls other parts of the application, such as a transaction.
///
/// Register the object by `LuaState.cleanUpAfterCall(_:)` when the script opens it. Until it is cleaned up, it encloses
/// the operations that modules pass to `LuaStack.enclosed(_:)`.
public protocol ScriptScope: LuaCleanup {
    /// Returns an operation that runs another one within the scope.
    ///
    /// This method runs on the thread that runs the script.
    ///
    /// - Parameters:
    ///   - operation: the operation that the script begins.
    ///   - coroutine: the script's coroutine that begins the operation. Only its identity means something. If another
    ///     coroutine has opened the scope, you can return the operation itself.
    func enclosing<Result>(
        _ operation: @escaping @Sendable () async throws -> Result, of coroutine: AnyObject?
    ) -> @Sendable () async throws -> Result
}

extension LuaStack {
    /// Returns an operation that runs within the scopes that the script holds open.
    ///
    /// Each scope decides by ``ScriptScope/enclosing(_:of:)``.
    ///
    /// Use it for an operation that calls another entry of the application.
    public func enclosed<Result>(
        _ operation: @escaping @Sendable () async throws -> Result
    ) -> @Sendable () async throws -> Result {
        let (scopes, coroutine) = (state.cleanups, state.coroutine)
        return scopes.reduce(operation) { operation, scope in
            (scope as? any ScriptScope)?.enclosing(operation, of: coroutine) ?? operation
        }
    }
}
