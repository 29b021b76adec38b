import WippyDefinition
import WippyRuntime

/// `process.lua`: a process whose code is Lua.
struct LuaProcessKind: EntryKind {
    static let name: KindName = "process.lua"
    static let summary = "A process in Lua. It is checked; to run it, a Swift handler must be registered under its id."

    struct Config: Sendable, Equatable {
        let code: LuaOrSwift
        let method: String
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        Config(
            code: LuaOrSwift(from: &fields, handlers: program.handlers, family: .process),
            method: fields.optional("method", default: "main", "The function of the script's table."))
    }

    func offers(_ entry: Entry<Config>) -> [Offer<HandlerInstance>] { entry.config.code.offers }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HandlerInstance> {
        .component(try entry.config.code.instance(with: context))
    }
}
