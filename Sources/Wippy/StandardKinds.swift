import WippyEnvironment
public import WippyHTTP
import WippyLua
import WippyLuaHTTP
import WippyLuaQueue
import WippyLuaSQL
import WippyLuaStore
import WippyProcess
import WippyQueue
import WippyRegistry
public import WippyRuntime
import WippySQLQueue
import WippySQLite
import WippySecurity
import WippyStore

extension Array where Element == any ProgramPart {
    /// The standard kinds of wippy-swift: the kinds of all families with their middleware and Lua modules, and the
    /// names of the kinds and modules that only wippy has.
    public static var standard: [any ProgramPart] {
        EnvironmentKinds.all + HTTPKinds.all + LuaKinds.all + ProcessKinds.all + QueueKinds.all + RegistryKinds.all
            + SQLQueueKinds.all + SQLiteKinds.all + SecurityKinds.all + StoreKinds.all + modulesAboutFamilies
            + [AbsentKinds.ofWippy, AbsentScriptModules.ofWippy, AbsentScriptModules.aboutFamilies]
    }

    /// Returns the standard kinds, with middleware that routers can name beside the standard middleware.
    public static func standard(middleware: [any Middleware.Type]) -> [any ProgramPart] {
        standard + middleware.map { MiddlewarePart($0) }
    }

    /// The Lua modules about families of kinds, each of which is in a target of its own.
    static var modulesAboutFamilies: [any ProgramPart] {
        LuaHTTPModules.all + LuaQueueModules.all + LuaSQLModules.all + LuaStoreModules.all
    }
}
