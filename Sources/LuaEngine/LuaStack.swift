import CWippyLua
import CWippyLuaShim

/// The values that a host function works with: the arguments and results of a call, by position.
///
/// A host function finds its arguments at the positions `1...count`, and pushes its results on top. Negative positions
/// count from the top: -1 is the topmost value. A function whose name begins with `check` raises an error if the value
/// has the wrong type: "bad argument #1 to 'x' (string expected, got nil)".
///
/// A stack is valid while the function or closure that received it runs. Do not keep it.
public struct LuaStack {
    let lua: OpaquePointer

    init(_ lua: OpaquePointer) {
        self.lua = lua
    }

    /// The state that the stack belongs to.
    public var state: LuaState { LuaState.of(lua) }

    /// The number of values.
    public var count: Int { Int(lua_gettop(lua)) }

    /// Reserves space for values to push.
    ///
    /// A host function can always push twenty values without it.
    ///
    /// - Throws: ``LuaRaise`` if there is no space.
    public func reserve(_ count: Int) throws(LuaRaise) {
        guard count < Int(Int32.max), lua_checkstack(lua, Int32(count)) != 0 else {
            throw LuaRaise("stack overflow")
        }
    }

    /// Removes the topmost values; by default one.
    public func pop(_ count: Int = 1) {
        lua_settop(lua, -Int32(count) - 1)
    }

    /// Takes out the value at a position; those above move down.
    public func remove(at index: Int) { wippy_lua_remove(lua, Int32(index)) }

    /// Cuts the stack to the first `count` values, or fills it up with nil.
    public func setCount(_ count: Int) {
        lua_settop(lua, Int32(count))
    }

}
