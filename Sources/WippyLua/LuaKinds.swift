public import WippyRuntime

/// The kinds whose code is a Lua script.
public enum LuaKinds {
    /// The kinds of Lua functions, processes and libraries, and the modules that scripts can require.
    public static let all: [any ProgramPart] =
        [FunctionLuaKind(), LibraryLuaKind(), ProcessLuaKind()] + ScriptModule.standard
}
