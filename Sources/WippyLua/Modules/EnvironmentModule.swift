import LuaEngine
import WippyText

extension LuaModule {
    /// `env`: the variables that the project declares, as they were when it was read.
    static let env = LuaModule(
        "env",
        [
            .function("get") { stack in
                let name = try stack.checkString(at: 1)
                guard !name.isEmpty else { return stack.fail(.invalid("the variable's name is empty")) }
                guard let text = try stack.call.entry.variables.text(of: name) else {
                    return stack.fail(.notFound("there is no variable '\(name)', or it has no value"))
                }
                stack.push(text)
                return stack.succeed()
            },
            .function("set") { stack in
                let name = try stack.checkString(at: 1)
                guard !name.isEmpty else { return stack.fail(.invalid("the variable's name is empty")) }
                return stack.fail(
                    .final("PermissionDenied", "code cannot change '\(name)': variables are read with the project"))
            },
            .function("get_all") { stack in
                let texts = try stack.call.entry.variables.all
                stack.pushTable(fields: texts.count)
                for (name, text) in texts {
                    stack.push(text)
                    stack.setField(name.string, at: -2)
                }
                return stack.succeed()
            },
        ])
}
