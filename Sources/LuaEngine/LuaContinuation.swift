import CWippyLua
import CWippyLuaShim

/// What goes on after a function that a host function has called.
///
/// Push it with ``LuaStack/push(_:)-(LuaContinuation)``, then the function and its arguments, and return
/// ``LuaVerdict/call(arguments:)``.
open class LuaContinuation {
    /// A continuation that gives no results; subclasses do better.
    public init() {}

    /// Says what is to happen after the call.
    ///
    /// - Parameters:
    ///   - stack: the values of the host function, this continuation at `position`, then the results of the call.
    ///   - position: to call again, cut the stack to `position` and push the function and its arguments.
    open func proceed(_ stack: LuaStack, at position: Int) throws -> LuaVerdict { .none }
}

extension LuaStack {
    /// Whether a loop should give others their turn: it has run for longer than a slice of time.
    public var isOverdue: Bool { wippy_lua_state_of(lua).pointee.overdue != 0 }

    /// Whether work that takes long must stop: asked now and then, for each thousand elements or so.
    ///
    /// If it must, what the host function returns or throws does not count. It is called once more with the same
    /// arguments, in the pool, where it holds nobody up; or the call is ending. So it is for work that changes nothing
    /// before it is done, and for what goes on after a wait; see ``mustWaitAfterStop()`` for the rest.
    public var mustStop: Bool { isOverdue && wippy_lua_must_stop(lua) }

    /// Whether work has had to stop that cannot begin anew with its host function, which has changed something before.
    ///
    /// If so, what the host function returns counts again. It has to return a wait, after which the work begins anew.
    public func mustWaitAfterStop() -> Bool {
        let shim = wippy_lua_state_of(lua)
        guard shim.pointee.stopped, shim.pointee.ending == WIPPY_LUA_GOES_ON else { return false }
        shim.pointee.stopped = false
        return true
    }

    /// Whether work that is known to take long must stop, since it is not yet in the pool.
    public var mustGoAway: Bool { wippy_lua_go_away(lua) }

    /// Pushes what goes on after the next call.
    public func push(_ continuation: LuaContinuation) {
        push(continuation, as: continuationType)
    }
}

let continuationType = LuaObjectType<LuaContinuation>("continuation")
