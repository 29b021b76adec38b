import WippyEnvironment
public import WippyHTTP
import WippyLua
import WippyProcess
import WippyQueue
public import WippyRuntime
import WippySQL
import WippySQLite
import WippyStore

extension Array where Element == any EntryKind {
    /// The kinds that wippy-swift has.
    public static var standard: [any EntryKind] { standard() }

    /// The kinds that wippy-swift has, with middlewares of the program's own beside its own.
    ///
    /// - Parameter middleware: what routers can name beside `cors`.
    public static func standard(middleware: [any Middleware.Type] = []) -> [any EntryKind] {
        EnvironmentKinds.all + HTTPKinds.all(middleware: middleware) + LuaKinds.all + ProcessKinds.all + QueueKinds.all
            + SQLKinds.all + SQLiteKinds.all + StoreKinds.all
    }
}
