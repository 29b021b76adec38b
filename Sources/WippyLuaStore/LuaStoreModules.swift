import WippyLua
public import WippyRuntime

/// The modules for Lua scripts that use stores.
public enum LuaStoreModules {
    /// The module `store`.
    public static let all: [any ProgramPart] = [ScriptModule.store]
}
