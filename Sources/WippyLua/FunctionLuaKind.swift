import WippyDefinition
import WippyHTTP
import WippyMessaging
import WippyRuntime
import WippySecurity

/// `function.lua`: a function whose code is a Lua script.
struct FunctionLuaKind: EntryKind {
    static let name: KindName = "function.lua"
    static let summary = "A function in Lua, which endpoints, consumers and other functions can call."

    struct Config: Sendable, Equatable {
        let code: LuaOrSwift
        let pool: LuaPoolSize
        let options: CallOptions
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        Config(
            code: LuaOrSwift(from: &fields, in: program, purpose: .function),
            pool: fields.nested("pool") { LuaPoolSize(from: &$0) },
            options: fields.closed("meta.options") { CallOptions(from: &$0) })
    }

    func offers(_ entry: Entry<Config>) -> [Offer<LuaEntry<LuaFunction>>] {
        entry.config.code.offers([
            Offer(.function) { $0 }, Offer(.messageFunction) { $0 }, Offer(.httpFunction) { $0 },
        ])
    }

    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        LuaOrSwift.checkReturn(of: entry.map(\.code), in: plan)
    }

    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        SecurityContext.check(entries.map { $0.map(\.code.security) }, in: plan)
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<LuaEntry<LuaFunction>> {
        .component(
            try entry.config.code.entry(with: context) {
                LuaFunction($0, pool: entry.config.pool, options: entry.config.options)
            })
    }
}
