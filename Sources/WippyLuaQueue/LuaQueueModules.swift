import WippyLua
import WippyMessaging
public import WippyRuntime

/// The modules for Lua scripts that publish and handle messages.
public enum LuaQueueModules {
    /// The module `queue`, and the part by which consumers can call functions in Lua.
    public static let all: [any ProgramPart] = [
        ScriptModule.queue, LuaFunctionOffer(.messageFunction) { LuaMessageFunction($0) },
    ]
}
