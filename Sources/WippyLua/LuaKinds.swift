public import WippyRuntime

/// The kinds whose code is Lua.
public enum LuaKinds {
    /// Functions, processes and the libraries that they require.
    public static let all: [any EntryKind] = [LuaFunctionKind(), LuaLibraryKind(), LuaProcessKind()]
}
