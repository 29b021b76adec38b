import WippyDefinition
import WippyRuntime
import WippySecurity
import WippyText

/// `function.lua`: a function whose code is a Lua script.
struct FunctionLuaKind: EntryKind {
    static let name: KindName = "function.lua"
    static let summary = "A function in Lua, which endpoints, consumers and other functions can call."

    /// The block with the options of calls by scripts.
    private static let optionsField = "meta.options"

    struct Config: Sendable, Equatable, HandlerNaming {
        let code: LuaOrSwift
        let pool: LuaPoolSize
        let options: CallOptions

        /// The program's further offers of functions in Lua.
        let addedOffers: [Offer<LuaFunction>]

        /// The waits of all functions of the program.
        let waits: StateWaits

        var handlerName: ExactText { code.handlerName }

        /// Compares what the entry sets.
        ///
        /// What all entries of the program share is the same.
        static func == (left: Config, right: Config) -> Bool {
            left.code == right.code && left.pool == right.pool && left.options == right.options
        }
    }

    /// The program's further offers, for all entries.
    private struct AddedOffers {
        let all: [Offer<LuaFunction>]

        init(_ program: Program) {
            all = program.additions(as: LuaFunctionOffer.self).map(\.offer)
        }
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        let code = LuaOrSwift(from: &fields, in: program, purpose: .function)
        let pool = fields.nested(LuaPoolSize.block) { LuaPoolSize(from: &$0) }
        let options = fields.closed(Self.optionsField) { CallOptions(from: &$0) }
        if code.replacement != nil {
            fields.warnIfWritten(below: Self.optionsField, because: "a Swift handler replaces the script")
        }
        return Config(
            code: code, pool: pool, options: options,
            addedOffers: program.shared(AddedOffers.init).all,
            waits: program.shared { _ in StateWaits() })
    }

    func offers(_ entry: Entry<Config>) -> [Offer<LuaEntry<LuaFunction>>] {
        entry.config.code.offers([Offer(.function) { $0 }] + entry.config.addedOffers)
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
                LuaFunction(
                    $0, pool: entry.config.pool, options: entry.config.options, waits: entry.config.waits)
            })
    }
}
