import WippyDefinition
import WippyRuntime
import WippySecurity
import WippyText

/// `process.lua`: a process whose code is a Lua script.
struct ProcessLuaKind: EntryKind {
    static let name: KindName = "process.lua"
    static let summary = "A process in Lua: a script that runs by itself until it is done."

    struct Config: Equatable, ProcessCommandConfig, HandlerNaming {
        let code: LuaOrSwift
        let command: ProcessCommand?

        var handlerName: ExactText { code.handlerName }
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        Config(
            code: LuaOrSwift(from: &fields, in: program, purpose: .process), command: ProcessCommand(from: &fields))
    }

    func offers(_ entry: Entry<Config>) -> [Offer<LuaEntry<LuaProcess>>] {
        entry.config.code.offers([Offer(.process) { $0 }, Offer(.function) { $0 }])
    }

    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        LuaOrSwift.checkReturn(of: entry.map(\.code), in: plan)
    }

    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        SecurityContext.check(entries.map { $0.map(\.code.security) }, in: plan)
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<LuaEntry<LuaProcess>> {
        .component(try entry.config.code.entry(with: context) { LuaProcess($0) })
    }
}
