import WippyDefinition
import WippyRuntime

/// `function.lua`: a function whose code is Lua.
struct LuaFunctionKind: EntryKind {
    static let name: KindName = "function.lua"
    static let summary = "A function in Lua. It is checked; to run it, a Swift handler must be registered under its id."

    struct Config: Sendable, Equatable {
        let code: LuaOrSwift
        let method: String?
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        let code = LuaOrSwift(from: &fields, handlers: program.handlers, family: .function)
        let method = fields.optional(
            "method", as: String.self, "The function of the script's table; unwritten, the function that it returns.")
        for path in ["pool.type", "pool.size", "pool.workers", "pool.buffer", "pool.max_size", "pool.warm_start"] {
            fields.ignored(path, because: "there is no pool of Lua states in this version")
        }
        return Config(code: code, method: method)
    }

    func offers(_ entry: Entry<Config>) -> [Offer<HandlerInstance>] { entry.config.code.offers }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HandlerInstance> {
        .component(try entry.config.code.instance(with: context))
    }
}
