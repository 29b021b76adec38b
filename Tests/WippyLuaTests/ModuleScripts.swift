import LuaEngine
import LuaSyntax
import Testing
import WippyDefinition
import WippyLog
import WippyRuntime
import WippyTesting

@testable import WippyLua

/// What a script returns that has modules; it is written as a file of a project is.
func results(of text: String, _ modules: ScriptModule...) async throws -> [LuaValue] {
    try await results(of: text, modules.map(\.content))
}

/// What a script returns that has modules.
func results(of text: String, _ modules: [LuaModule]) async throws -> [LuaValue] {
    let script = LuaScript(Array("return function() \(text)\nend".utf8))
    let program = try LuaProgram(try #require(script.text, "\(script.diagnostics)"), name: "app:test")
    var limits = LuaEnvironment.Limits()
    limits.run = .seconds(60)
    let state = try LuaState(LuaEnvironment(modules: modules, limits: limits) { _, _ in })
    let function = try await state.load(program)
    state.context = ScriptCall(.standIn)
    return try await state.call(function) { stack in
        try (0..<stack.count).map { try stack.value(at: $0 + 1) }
    }
}

extension EntryContext {
    /// An entry of no application.
    static var standIn: EntryContext {
        EntryContext(
            EntryID(namespace: "app", name: "test"), maxResultBytes: 10 << 20,
            in: RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics()))
    }
}

/// The one value that a script returns.
func result(of text: String, _ module: ScriptModule) async throws -> LuaValue {
    try await results(of: text, module).first ?? .nil
}

/// The kind of the error that an expression gives as its second value, and its message.
func error(of expression: String, _ module: ScriptModule) async throws -> LuaValue {
    try await result(of: "local value, err = \(expression) return err and err:kind() .. ': ' .. err:message()", module)
}
