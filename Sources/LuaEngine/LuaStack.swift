import CWippyLua
import CWippyLuaShim

/// The values in front of a host function, of a call's arguments or of its results, by their positions from one.
///
/// A host function finds its arguments at `1...count` and pushes its results on top. Positions below zero count from
/// the top: -1 is the topmost value. Readers whose names begin with `check` raise Lua's sentence, "bad argument #1 to
/// 'x' (string expected, got nil)", when the value is something else.
///
/// A stack is valid while the function or closure that was given it runs, and must not be kept.
public struct LuaStack {
    let lua: OpaquePointer

    init(_ lua: OpaquePointer) {
        self.lua = lua
    }

    /// The state that this is a stack of.
    public var state: LuaState { LuaState.of(lua) }

    /// How many values there are.
    public var count: Int { Int(lua_gettop(lua)) }

    /// Makes room for values to push; a function has room for twenty anyway.
    public func reserve(_ count: Int) throws(LuaRaise) {
        guard count < Int(Int32.max), lua_checkstack(lua, Int32(count)) != 0 else {
            throw LuaRaise("stack overflow")
        }
    }

    /// Removes the topmost values.
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
