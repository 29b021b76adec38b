import CWippyLua
import CWippyLuaShim

/// The values of a host function by their positions: first its arguments, and then everything that it pushes.
///
/// A host function is a Swift function that scripts call. It finds its arguments at the positions `1...count`, and
/// pushes its results on top. Negative positions count from the top: -1 is the topmost value.
///
/// A method whose name begins with `check` throws an error if the value has the wrong type. The script gets the error
/// as a text: "bad argument #1 to 'x' (string expected, got nil)".
///
/// A stack is valid while the function or closure that received it runs. Do not keep it.
public struct LuaStack {
    let lua: OpaquePointer

    init(_ lua: OpaquePointer) {
        self.lua = lua
    }

    /// The state to which the stack belongs.
    public var state: LuaState { LuaState.of(lua) }

    /// The number of values.
    public var count: Int { Int(lua_gettop(lua)) }

    /// Reserves space for values to push.
    ///
    /// A host function can always push twenty values above its arguments without a reservation.
    ///
    /// - Throws: ``LuaRaise`` if there is no space.
    public func reserve(_ count: Int) throws(LuaRaise) {
        guard count < Int(Int32.max), lua_checkstack(lua, Int32(count)) != 0 else {
            throw LuaRaise("stack overflow")
        }
    }

    /// Removes the topmost values.
    ///
    /// - Parameter count: the number of values. Default: 1.
    public func pop(_ count: Int = 1) {
        lua_settop(lua, -Int32(count) - 1)
    }

    /// Removes the value at a position.
    ///
    /// The values above it move down.
    public func remove(at index: Int) { wippy_lua_remove(lua, Int32(index)) }

    /// Cuts the stack to the first `count` values, or fills it with nil up to `count`.
    public func setCount(_ count: Int) {
        lua_settop(lua, Int32(count))
    }

}
