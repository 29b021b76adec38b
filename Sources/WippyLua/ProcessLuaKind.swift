import WippyDefinition
import WippyRuntime
import WippySecurity

/// `process.lua`: a process whose code is a Lua script.
struct ProcessLuaKind: EntryKind {
    static let name: KindName = "process.lua"
    static let summary = "A process in Lua: a script that runs by itself until it is done."

    func config(from fields: inout FieldReader, in program: Program) -> LuaOrSwift {
        LuaOrSwift(from: &fields, in: program, purpose: .process)
    }

    func offers(_ entry: Entry<LuaOrSwift>) -> [Offer<LuaEntry<LuaProcess>>] {
        entry.config.offers([Offer(.process) { $0 }, Offer(.function) { $0 }])
    }

    func check(_ entry: Entry<LuaOrSwift>, in plan: CheckContext) -> [Diagnostic] {
        LuaOrSwift.checkReturn(of: entry, in: plan)
    }

    func check(all entries: [Entry<LuaOrSwift>], in plan: CheckContext) -> [Diagnostic] {
        SecurityContext.check(entries.map { $0.map(\.security) }, in: plan)
    }

    func build(_ entry: Entry<LuaOrSwift>, with context: BuildContext) throws -> Built<LuaEntry<LuaProcess>> {
        .component(try entry.config.entry(with: context) { LuaProcess($0) })
    }
}
