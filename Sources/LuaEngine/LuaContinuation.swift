import CWippyLua
import CWippyLuaShim

/// Continues a host function after a function that it has called.
///
/// Push the continuation with ``LuaStack/push(_:)-(LuaContinuation)``, then the function and its arguments, and return
/// ``LuaVerdict/call(arguments:)``.
open class LuaContinuation {
    /// Creates a continuation.
    ///
    /// Subclasses override ``proceed(_:at:)``.
    public init() {}

    /// Returns the next verdict of the host function, after the function that it called has returned.
    ///
    /// By default it gives no results.
    ///
    /// - Parameters:
    ///   - stack: the values of the host function, this continuation at `position`, then the results of the called
    ///     function.
    ///   - position: the position of this continuation. To call again, cut the stack to `position` and push the
    ///     function and its arguments.
    open func proceed(_ stack: LuaStack, at position: Int) throws -> LuaVerdict { .none }
}

extension LuaStack {
    /// Whether a loop should let others run, because its slice of time (10 ms) is over.
    public var isOverdue: Bool { wippy_lua_state_of(lua).pointee.overdue != 0 }

    /// Whether a long computation must stop now.
    ///
    /// Ask about once in a thousand elements.
    ///
    /// If it must stop, return or throw anything: the engine ignores it. Either the call is ending, or the engine calls
    /// the host function again with the same arguments on ``LuaThreads/pool``. So use it only for work that changes
    /// nothing before its end, or that goes on after a wait. For other work see ``mustWaitAfterStop()``.
    public var mustStop: Bool { isOverdue && wippy_lua_must_stop(lua) }

    /// Whether ``mustStop`` has stopped work that has changed something already.
    ///
    /// Such work cannot begin again with its host function. If the result is true, the host function must return a
    /// wait, and do the rest of the work after the wait. The engine then uses the result of the host function as usual.
    public func mustWaitAfterStop() -> Bool {
        let shim = wippy_lua_state_of(lua)
        guard shim.pointee.stopped, shim.pointee.ending == WIPPY_LUA_GOES_ON else { return false }
        shim.pointee.stopped = false
        return true
    }

    /// Whether a computation that you know to be long must stop, because the call does not run on ``LuaThreads/pool``
    /// yet.
    ///
    /// If so, return or throw anything. The engine calls the host function again on the pool.
    public var mustGoAway: Bool { wippy_lua_go_away(lua) }

    /// Pushes the continuation of the next call.
    public func push(_ continuation: LuaContinuation) {
        push(continuation, as: continuationType)
    }
}

let continuationType = LuaObjectType<LuaContinuation>("continuation")
