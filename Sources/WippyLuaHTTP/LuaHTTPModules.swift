import WippyHTTP
import WippyLua
public import WippyRuntime

/// The modules for Lua scripts that serve HTTP and send requests.
public enum LuaHTTPModules {
    /// The modules `http` and `http_client`, and the part by which endpoints can call functions in Lua.
    public static let all: [any ProgramPart] = [
        ScriptModule.http, ScriptModule.httpClient, LuaFunctionOffer(.httpFunction) { LuaResponder($0) },
    ]
}
