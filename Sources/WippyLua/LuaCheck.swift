import WippyDefinition
import WippyRuntime
import WippyText

/// Finds modules with one name, modules with a name that scripts use for something else, and contracts that functions
/// in Lua would offer twice, because of the program's ``LuaFunctionOffer``s.
struct LuaCheck: FamilyCheck {
    func mistakes(in program: Program) -> [String] {
        mistakes(in: program.scriptModules.map(\.name)) + mistakes(in: program.additions(as: LuaFunctionOffer.self))
    }

    private func mistakes(in modules: [ExactText]) -> [String] {
        let taken = Set(modules.filter(ScriptModules.isTaken))
        return taken.sorted().map {
            "the Lua module '\($0)' has the name of something that every script has; give it another name"
        } + RepeatedTypes.mistakes(of: "Lua module", in: modules.filter { !taken.contains($0) })
    }

    private func mistakes(in offers: [LuaFunctionOffer]) -> [String] {
        var offered: Set<AnyContract> = [Contract.function.erased]
        return offers.filter { !offered.insert($0.contract).inserted }.map {
            "functions in Lua offer the contract of \($0.contract.words) twice; list one offer of it"
        }
    }
}
