import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyText

/// Lua code with what it requires, compiled: what states are made from.
final class LuaLibrary: Sendable {
    let id: EntryID
    /// Whether the code, or what it imports, names what sends a part of an answer.
    let sendsParts: Bool

    private let program: LuaProgram
    private let modules: [ScriptModule]
    private let imports: [(alias: String, library: LuaLibrary)]

    init(_ code: LuaCode, with context: BuildContext) throws {
        guard let program = code.program else { throw BuildError(context.id, "'source' is not Lua") }
        id = context.id
        self.program = program
        modules = code.modules
        imports = try code.imports.map { ($0.alias.string, try context.target(of: $0.library)) }
        sendsParts = code.sendsParts || imports.contains { $0.library.sendsParts }
    }

    /// The modules that the code and all that it imports may require, in order of name.
    var allModules: [LuaModule] { collectModules().sorted { $0.key < $1.key }.map(\.value) }

    private func collectModules() -> [ExactText: LuaModule] {
        var all = Dictionary(LuaModule.basicTypes.map { (ExactText($0.name), $0) }) { first, _ in first }
        for module in modules { all[module.name] = module.content }
        for (_, library) in imports { all.merge(library.collectModules()) { first, _ in first } }
        return all
    }

    /// Runs the code in a new state, after what it imports, each once.
    ///
    /// - Returns: what the code returns.
    func load(into state: LuaState) async throws(LuaFailure) -> LuaReference {
        var loaded: [EntryID: LuaReference] = [:]
        return try await load(into: state, &loaded)
    }

    private func load(
        into state: LuaState, _ loaded: inout [EntryID: LuaReference]
    ) async throws(LuaFailure) -> LuaReference {
        if let done = loaded[id] { return done }
        for (_, library) in imports { _ = try await library.load(into: state, &loaded) }
        // All names are the state's globals; those of this code come last, so that it finds its own.
        for (alias, library) in imports {
            if let value = loaded[library.id] { state.define(alias, as: value) }
        }
        let value = try await state.load(program)
        loaded[id] = value
        return value
    }
}

extension Contract where Offered == LuaLibrary {
    /// Lua code that other code may require.
    static var luaLibrary: Self { Contract("a Lua library", meaning: .calls) }
}
