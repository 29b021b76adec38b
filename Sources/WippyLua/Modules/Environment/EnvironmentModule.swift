import LuaEngine
import WippyRuntime
import WippyText

extension ScriptModule {
    /// `env`: the variables that the project declares.
    ///
    /// Each has the text that the project's reading found, or the text that code has set.
    static let env = ScriptModule(
        "env",
        [
            .function("get") { stack in
                let name = try stack.checkString(at: 1)
                guard !name.isEmpty else { return stack.fail(.invalid("the variable's name is empty")) }
                guard let text = try stack.call.context.variables.text(of: name) else {
                    return stack.fail(.notFound("there is no variable '\(name)', or it has no value"))
                }
                stack.push(text)
                return stack.succeed()
            },
            .function("set") { stack in
                let name = try stack.checkString(at: 1)
                guard !name.isEmpty else { return stack.fail(.invalid("the variable's name is empty")) }
                let text = try stack.checkString(at: 2)
                let variables = try stack.call.context.variables
                do throws(WippyError) {
                    try variables.set(text, of: name)
                    return stack.succeed(true)
                } catch {
                    return stack.fail(LuaError(of: error))
                }
            },
            .function("get_all") { stack in
                let texts = try stack.call.context.variables.all
                stack.pushTable(fields: texts.count)
                for (name, text) in texts {
                    stack.push(text)
                    stack.setField(name.string, at: -2)
                }
                return stack.succeed()
            },
        ])
}
