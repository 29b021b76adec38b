import WippyEnvironment
public import WippyHTTP
import WippyLua
import WippyProcess
import WippyQueue
import WippyQueueCommand
public import WippyRuntime
import WippySQLQueue
import WippySQLite
import WippySecurity
import WippyStore
import WippyVerification

extension Array where Element == any ProgramPart {
    /// The standard kinds of wippy-swift: the kinds of all families with their modules, middleware and commands, and
    /// the names of the kinds that only wippy has.
    public static var standard: [any ProgramPart] {
        EnvironmentKinds.all + HTTPKinds.all + LuaKinds.all + ProcessKinds.all + QueueKinds.all + SQLQueueKinds.all
            + SQLiteKinds.all + SecurityKinds.all + StoreKinds.all + QueueCommands.all + VerificationCommands.all
            + [AbsentKinds.ofWippy]
    }

    /// Returns the standard kinds and more middleware.
    ///
    /// This is the former way to add middleware.
    @available(*, deprecated, message: "add each middleware to '.standard', as 'MiddlewarePart<Mine>()'")
    public static func standard(middleware: [any Middleware.Type]) -> [any ProgramPart] {
        standard + middleware.map { $0.part }
    }
}

extension Middleware {
    fileprivate static var part: any ProgramPart { MiddlewarePart<Self>() }
}
