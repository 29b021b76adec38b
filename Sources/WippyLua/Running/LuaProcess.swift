import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyValues

/// A process in Lua.
///
/// Each run has a state of its own.
struct LuaProcess: Sendable {
    var context: EntryContext { source.context }

    private let source: StateSource
    private let placement: Placement

    init(_ source: StateSource) {
        self.source = source
        placement = Placement(of: source.context.id, among: source.context.environment.executors)
    }

    private func call<Result: Sendable>(
        _ arguments: [LuaCopy], _ call: ScriptCall, result: (LuaStack) throws -> Result
    ) async throws -> Result {
        try await placement.runHere {
            try await source.make().call(call) { stack in
                try stack.reserve(arguments.count)
                for argument in arguments { try stack.push(argument) }
                return arguments.count
            } results: { stack in
                try result(stack)
            }
        }
    }
}

extension LuaProcess: HostedProcess {
    func run(_ process: ProcessContext) async throws -> Value {
        try await call(process.input.map { LuaCopy($0) }, context(of: process)) { stack in try stack.dataValue(at: 1) }
    }

    /// Runs the process on a host, for a call that waits for it.
    ///
    /// The script sees the values that are attached to this call.
    func run(_ process: ProcessContext, _ arguments: [LuaCopy], by caller: ScriptCall) async throws -> LuaCopy {
        try await call(arguments, context(of: process, by: caller))
    }

    private func context(of process: ProcessContext, by caller: ScriptCall? = nil) -> ScriptCall {
        ScriptCall(
            source.context, values: caller?.values ?? ValueMap(),
            clock: ProcessClock(process: process, clock: source.context.environment.clock),
            terminal: process.terminal, caller: caller)
    }
}

extension LuaProcess: ScriptFunction {
    /// A process has no options.
    var options: CallOptions { .standard }

    func call(_ arguments: [LuaCopy], _ call: ScriptCall) async throws -> LuaCopy {
        try await self.call(arguments, call) { stack in try stack.copy(at: 1) }
    }

    func call(_ argument: Value) async throws -> Value {
        try await call([LuaCopy(argument)], ScriptCall(source.context)) { stack in try stack.dataValue(at: 1) }
    }
}

/// The clock of a process.
///
/// A process becomes ready when it waits by this clock. The wait ends when the process must end.
private struct ProcessClock: RuntimeClock {
    let process: ProcessContext
    let clock: any RuntimeClock

    var now: Duration { clock.now }

    var unixMilliseconds: Int { clock.unixMilliseconds }

    func sleep(until deadline: Duration) async throws { try await process.sleep(for: deadline - now) }
}
