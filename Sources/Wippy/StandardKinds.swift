import WippyEnvironment
public import WippyHTTP
import WippyLua
import WippyProcess
import WippyQueue
public import WippyRuntime
import WippySQLQueue
import WippySQLite
import WippySecurity
import WippyStore

extension Array where Element == any ProgramPart {
    /// The standard kinds of wippy-swift: the kinds of all families, and `registry.entry`.
    public static var standard: [any ProgramPart] {
        EnvironmentKinds.all + HTTPKinds.all + LuaKinds.all + ProcessKinds.all + QueueKinds.all + SQLQueueKinds.all
            + SQLiteKinds.all + SecurityKinds.all + StoreKinds.all + [RegistryEntryKind()]
    }

    /// Returns the standard kinds, and the middlewares of a list.
    ///
    /// It is the same as `.standard + [MiddlewarePart<Mine>()]` for each middleware `Mine`.
    public static func standard(middleware: [any Middleware.Type]) -> [any ProgramPart] {
        standard + middleware.map { $0.part }
    }
}

extension Middleware {
    fileprivate static var part: any ProgramPart { MiddlewarePart<Self>() }
}
