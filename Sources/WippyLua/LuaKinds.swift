public import WippyRuntime

/// The kinds whose code is Lua.
public enum LuaKinds {
    /// Functions, processes and the libraries that they require, and the modules that scripts can have.
    public static let all: [any EntryKind] =
        [LuaFunctionKind(), LuaLibraryKind(), LuaProcessKind()] + ScriptModule.standard
}
