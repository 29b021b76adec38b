import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyText

/// Compiled Lua code with the libraries that it imports.
///
/// States are made from it.
final class LuaLibrary: Sendable {
    let id: EntryID
    /// True if the code, or a library that it imports, may send a part of an answer before the script has ended.
    let sendsParts: Bool

    private let program: LuaProgram
    private let modules: [ScriptModule]
    private let imports: [(alias: String, library: LuaLibrary)]

    init(_ code: LuaCode, with context: BuildContext) throws {
        guard let program = code.program else { throw BuildError(context.id, "'\(LuaCode.sourceField)' is not Lua") }
        id = context.id
        self.program = program
        modules = code.modules
        imports = try code.imports.map { ($0.alias.string, try context.target(of: $0.library)) }
        sendsParts = code.sendsParts || imports.contains { $0.library.sendsParts }
    }

    /// The modules that the code and its imports may require, with the imports of those imports, sorted by name.
    var allModules: [LuaModule] { collectModules().sorted { $0.key < $1.key }.map(\.value) }

    private func collectModules() -> [ExactText: LuaModule] {
        var all = Dictionary(LuaModule.basicTypes.map { (ExactText($0.name), $0) }) { first, _ in first }
        for module in modules { all[module.name] = module.content }
        for (_, library) in imports { all.merge(library.collectModules()) { first, _ in first } }
        return all
    }

    /// Runs the code in a new state, after each of its imports.
    ///
    /// An import that is needed several times runs once.
    ///
    /// - Returns: the value that the code returns.
    func load(into state: LuaState) async throws(LuaFailure) -> LuaReference {
        var loaded: [EntryID: LuaReference] = [:]
        return try await load(into: state, &loaded)
    }

    private func load(
        into state: LuaState, _ loaded: inout [EntryID: LuaReference]
    ) async throws(LuaFailure) -> LuaReference {
        if let done = loaded[id] { return done }
        for (_, library) in imports { _ = try await library.load(into: state, &loaded) }
        // All names are globals of the state. The names of this code are set last, so that it finds its own libraries.
        for (alias, library) in imports {
            if let value = loaded[library.id] { state.define(alias, as: value) }
        }
        let value = try await state.load(program)
        loaded[id] = value
        return value
    }
}

extension Contract where Offered == LuaLibrary {
    /// The contract of Lua code that other code may require.
    static var luaLibrary: Self { Contract("a Lua library", meaning: .calls) }
}
