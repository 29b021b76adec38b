import LuaEngine
import WippyValues

extension ScriptModule {
    /// `base64`: encodes bytes with the standard alphabet and padding, and decodes them.
    static let base64 = ScriptModule(
        "base64",
        [
            .function("encode") { stack in
                guard let text = stack.withSpan(at: 1, { Base64.encode($0) }) else {
                    return stack.fail(.invalid("data must be a string"))
                }
                return stack.succeed(text)
            },
            .function("decode") { stack in
                guard let bytes = stack.withSpan(at: 1, { Base64.decode($0) }) else {
                    return stack.fail(.invalid("data must be a string"))
                }
                guard let bytes else { return stack.fail(.invalid("illegal base64 data")) }
                return stack.succeed(bytes)
            },
        ])
}
