import CWippyLua
import CWippyLuaShim

/// The standard libraries of wippy's Lua.
public enum LuaLibraries {
    /// The names of the libraries, sorted.
    public static let names = (all.map(\.0) + modules.map(\.name)).sorted()

    /// The tables that every state has from its start.
    ///
    /// Lua's own functions stay, except those that these tables replace.
    static let all = [
        ("string", StringLibrary.members), ("table", TableLibrary.members), ("math", MathLibrary.members),
        ("coroutine", CoroutineLibrary.members),
    ]

    static let modules = [LuaChannel.library, ErrorLibrary.module]

    static let globals = BaseLibrary.members

    /// The operators of `LuaScript.operators`, in the same order, without the first.
    static let operators = MathLibrary.operators

    /// Lua's own functions that wippy's Lua does not have.
    private static let absent = ["string": ["dump"]]

    /// Puts the libraries into a new state.
    static func install(on stack: LuaStack, _ environment: LuaEnvironment) {
        let lua = stack.lua
        wippy_lua_push_globals(lua)
        for member in globals { member.set(on: stack, at: 1) }
        wippy_lua_push_next(lua)
        stack.setField("next", at: 1)
        stack.push("Lua 5.3 - Wippy Modification")
        stack.setField("_VERSION", at: 1)
        stack.push("Lua 5.3 - Wippy Modification")
        stack.setField("_GOPHER_LUA_VERSION", at: 1)
        for (name, members) in all {
            stack.pushField(name, at: 1)
            for member in members { member.set(on: stack, at: 2) }
            for name in absent[name] ?? [] {
                stack.pushNil()
                stack.setField(name, at: 2)
            }
            if name == "string" { setStringMetatable(on: stack) }
            if name == "table" {
                stack.pushField("unpack", at: 2)
                stack.setField("unpack", at: 1)
            }
            stack.makeReadOnly()
            stack.setField(name, at: 1)
        }
        for module in modules {
            module.push(stack)
            stack.setField(module.name, at: 1)
        }
        MathLibrary.setNumberMetatable(on: stack)
        // A module is made when a script first reads its global.
        stack.pushTable(fields: 1)
        stack.push(environment.findGlobal)
        stack.setField("__index", at: -2)
        lua_setmetatable(lua, 1)
        stack.setCount(0)
    }

    /// Makes the functions of the library on top of the stack the methods of strings.
    ///
    /// Scripts cannot reach the metatable.
    private static func setStringMetatable(on stack: LuaStack) {
        stack.push("" as StaticString)
        lua_getmetatable(stack.lua, -1)
        stack.pushCopy(of: 2)
        stack.setField("__index", at: -2)
        stack.push(false)
        stack.setField("__metatable", at: -2)
        stack.pop(2)
    }
}
