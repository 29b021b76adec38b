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

    /// Pushes what goes on after the next call.
    public func push(_ continuation: LuaContinuation) {
        push(continuation, as: continuationType)
    }
}

let continuationType = LuaObjectType<LuaContinuation>("continuation")
