public import WippyLua
import WippyRuntime

extension AbsentScriptModules {
    /// The modules that wippy has and wippy-swift does not have.
    public static let ofWippy = AbsentScriptModules(
        [
            "archive", "cdc", "cloudstorage", "compress", "contract", "crypto", "eval_runner", "events", "excel",
            "exec", "expr", "fs", "html", "hub", "loader", "metrics", "pg", "security", "system", "templates",
            "treesitter", "tty", "websocket", "workflow", "yaml",
        ],
        because: "a module of wippy that wippy-swift does not support yet")

    /// The Lua modules that belong to families of kinds, such as `sql`.
    ///
    /// Add the list to a program that leaves out some families. Then an entry that lists a missing module gets an error
    /// with the reason.
    public static let aboutFamilies = AbsentScriptModules(
        Set([any ProgramPart].modulesAboutFamilies.compactMap { ($0 as? ScriptModule)?.name }),
        because: "a module of wippy that this program does not have")
}
