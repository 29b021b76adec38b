import LuaEngine
import Testing

/// Runs a text as a program in a state of its own.
func run(
    _ text: String, modules: [LuaModule] = [], limits: LuaEnvironment.Limits = .unhurried
) async throws -> [LuaValue] {
    let state = try LuaState(LuaEnvironment(modules: modules, limits: limits) { _, _ in })
    return try await run(text, in: state)
}

func run(_ text: String, in state: LuaState, arguments: [LuaValue] = []) async throws -> [LuaValue] {
    let program = try LuaProgram("return function(...) \(text)\nend", name: "app:test")
    let function = try await state.load(program)
    defer { state.release(function) }
    return try await state.call(function) { stack in
        for argument in arguments { stack.push(argument) }
        return arguments.count
    } results: { stack in
        try (0..<stack.count).map { try stack.value(at: $0 + 1) }
    }
}

/// The failure of a text, which must not succeed.
func failure(
    _ text: String, modules: [LuaModule] = [], limits: LuaEnvironment.Limits = .init()
) async throws -> LuaFailure {
    do {
        let results = try await run(text, modules: modules, limits: limits)
        Issue.record("the script returned \(results)")
        throw CancellationError()
    } catch let failure as LuaFailure {
        return failure
    }
}

/// Cancels the task that runs a text, which must then end as cancelled.
func cancel(_ text: String, modules: [LuaModule] = []) async throws {
    var limits = LuaEnvironment.Limits()
    limits.run = .seconds(60)
    let (begun, beginning) = AsyncStream<Void>.makeStream()
    let begin = LuaModule(
        "test",
        [
            .function("begin") { _ in
                beginning.yield()
                return .none
            }
        ])
    let environment = LuaEnvironment(modules: modules + [begin], limits: limits) { _, _ in }
    let task = Task {
        let state = try LuaState(environment)
        _ = try await run("test.begin() \(text)", in: state)
    }
    for await _ in begun { break }
    task.cancel()
    do {
        try await task.value
        Issue.record("it returned: \(text)")
    } catch let failure as LuaFailure {
        #expect(failure.reason == .cancelled, "\(text)")
    }
}

extension LuaEnvironment.Limits {
    /// The usual ones, but for the time that a script may run: other tests run beside it.
    static var unhurried: Self {
        var limits = Self()
        limits.run = .seconds(60)
        return limits
    }
}
