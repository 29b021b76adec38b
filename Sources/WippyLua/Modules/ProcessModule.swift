import LuaEngine

extension ScriptModule {
    /// `process`: who runs; processes have no mailboxes yet.
    static let process = ScriptModule(
        "process",
        [
            .function("id") { stack in
                stack.succeed("\(try stack.call.entry.id)")
            },
            .table(
                "event",
                [.value("CANCEL", "pid.cancel"), .value("EXIT", "pid.exit"), .value("LINK_DOWN", "pid.link.down")]),
            .table("registry", ["register", "lookup", "unregister"].map { absent($0, in: "process.registry") }),
        ] + absentFunctions.map { absent($0, in: "process") },
        isListed: false)

    private static let absentFunctions = [
        "pid", "send", "spawn", "spawn_monitored", "spawn_linked", "spawn_linked_monitored", "exec", "terminate",
        "cancel", "monitor", "unmonitor", "link", "unlink", "get_options", "set_options", "inbox", "events", "listen",
        "unlisten", "upgrade", "with_context", "with_options",
    ]

    private static func absent(_ name: String, in module: String) -> LuaMember {
        .function(name) { stack in
            stack.fail(.invalid("\(module).\(name) is not there yet in wippy-swift"))
        }
    }
}
