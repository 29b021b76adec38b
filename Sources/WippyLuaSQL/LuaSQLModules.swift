import WippyLua
public import WippyRuntime

/// The modules for Lua scripts that use databases.
public enum LuaSQLModules {
    /// The module `sql`.
    public static let all: [any ProgramPart] = [ScriptModule.sql]
}
