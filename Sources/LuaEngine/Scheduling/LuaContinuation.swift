import CWippyLua
import CWippyLuaShim

/// Continues a host function after a call or a pause.
///
/// Push the continuation with ``LuaStack/push(_:)-(LuaContinuation)``. For a call, push the function and its arguments,
/// and return ``LuaVerdict/call(arguments:)``. For a pause, return ``LuaVerdict/pause``.
open class LuaContinuation {
    /// Creates a continuation.
    ///
    /// A subclass overrides ``proceed(_:at:)``.
    public init() {}

    /// Continues the host function after the call or the pause.
    ///
    /// By default the host function ends without a result.
    ///
    /// - Parameters:
    ///   - stack: the values of the host function, this continuation at `position`, and then the results of the call.
    ///   - position: the position of this continuation. To call again, cut the stack to `position`, and push the
    ///     function and its arguments.
    /// - Returns: the next verdict of the host function.
    /// - Throws: any error, which is raised in the script.
    open func proceed(_ stack: LuaStack, at position: Int) throws -> LuaVerdict { .none }
}

extension LuaStack {
    /// True if the running script has used up its slice of time, 10 ms, so that other tasks should run now.
    public var isOverdue: Bool { wippy_lua_state_of(lua).pointee.overdue != 0 }

    /// True if a long computation must stop now.
    ///
    /// Read it after every thousand elements or so. If it is true, return or throw anything: the engine ignores the
    /// result. There are two reasons for a stop. Either the call is ending, or the computation must move to
    /// ``LuaThreads/pool``. In the second case, the engine calls the host function again there, with the same
    /// arguments. If the closure after a wait was stopped, the engine calls only this closure again. So the work must
    /// not change anything before its end. For other work, see ``mustWaitAfterStop()``.
    public var mustStop: Bool { isOverdue && wippy_lua_must_stop(lua) }

    /// Tells the engine not to call the host function again after a stop by ``mustStop``.
    ///
    /// Call this method if the stopped work has already changed something, so that it must not begin again. If the
    /// result is true, the host function must return a wait, and do the rest of the work after the wait. Then the
    /// engine uses the result of the host function as usual. If the result is false, the call is ending, or nothing
    /// was stopped.
    public func mustWaitAfterStop() -> Bool {
        let shim = wippy_lua_state_of(lua)
        guard shim.pointee.stopped, shim.pointee.ending == WIPPY_LUA_GOES_ON else { return false }
        shim.pointee.stopped = false
        return true
    }

    /// True if the host function must move to ``LuaThreads/pool`` before it begins a long computation.
    ///
    /// Read it before a computation that you know to be long. If it is true, return or throw anything: the engine
    /// ignores the result, and calls the host function again on the pool. If you read it in the closure after a wait,
    /// the engine calls only this closure again. The property is false if the call already runs there, or cannot move.
    public var mustGoAway: Bool { wippy_lua_go_away(lua) }

    /// Pushes the continuation of the next call or pause.
    public func push(_ continuation: LuaContinuation) {
        push(continuation, as: continuationType)
    }
}

let continuationType = LuaObjectType<LuaContinuation>("continuation")
