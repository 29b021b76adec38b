import LuaEngine
import WippyValues

extension ScriptModule {
    /// `ctx`: the values that the caller has attached to the call.
    static let ctx = ScriptModule(
        "ctx",
        [
            .function("get") { stack in
                let key = try stack.checkString(at: 1)
                guard !key.isEmpty else { return stack.fail(.invalid("the key is empty")) }
                guard let value = try stack.call.values[key] else {
                    return stack.fail(.notFound("the context has no '\(key)'"))
                }
                try stack.push(value)
                return stack.succeed()
            },
            .function("all") { stack in
                try stack.push(.map(stack.call.values))
                return stack.succeed()
            },
        ])
}
