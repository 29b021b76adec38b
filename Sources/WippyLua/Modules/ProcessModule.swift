import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyValues

extension ScriptModule {
    /// `process`: the ids of the current process, and calls that run other processes to their end.
    ///
    /// Processes have no mailboxes yet.
    static let process = ScriptModule(
        "process",
        [
            .function("id") { stack in
                stack.succeed("\(try stack.call.entry)")
            },
            .function("exec", traits: [.id(of: .process), .id(of: .processHost, at: 2)], execute),
            .table(
                "event",
                [.value("CANCEL", "pid.cancel"), .value("EXIT", "pid.exit"), .value("LINK_DOWN", "pid.link.down")]),
            .table("registry", ["register", "lookup", "unregister"].map { .absent($0) }),
        ] + absentFunctions.map { .absent($0) },
        isListed: false)

    /// Runs a process on a host, and waits for its result.
    private static func execute(_ stack: LuaStack) throws -> LuaVerdict {
        let (name, hostName) = (try stack.checkString(at: 1), try stack.checkString(at: 2))
        let arguments = try stack.copies(from: 3)
        let caller = try stack.call
        do {
            let process = try stack.identifiedEntry(name, as: .process)
            let host = try stack.entry(hostName, as: .processHost)
            return .wait {
                try await caller.run(process.target, arguments, as: process.id, on: host)
            } then: { stack, result in
                try stack.push(result) { try stack.push($0) }
            }
        } catch let error as LuaError {
            return stack.fail(error)
        }
    }

    private static let absentFunctions = [
        "pid", "send", "spawn", "spawn_monitored", "spawn_linked", "spawn_linked_monitored", "terminate",
        "cancel", "monitor", "unmonitor", "link", "unlink", "get_options", "set_options", "inbox", "events", "listen",
        "unlisten", "upgrade", "with_context", "with_options",
    ]
}
