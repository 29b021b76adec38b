public import WippyRuntime

/// The kinds whose code is a Lua script.
public enum LuaKinds {
    /// The kinds of Lua functions, processes and libraries, the modules that need no other family of kinds, and the
    /// check of the family.
    ///
    /// The modules about a family are in targets of their own, such as `WippyLuaSQL`.
    public static let all: [any ProgramPart] =
        [FunctionLuaKind(), LibraryLuaKind(), ProcessLuaKind()] + modules + [LuaCheck()]

    private static let modules: [ScriptModule] = [
        .base64,
        .ctx,
        .env,
        .funcs,
        .hash,
        .io,
        .json,
        .logger,
        .os,
        .payload,
        .process,
        .registry,
        .stream,
        .text,
        .time,
        .uuid,
    ]
}
