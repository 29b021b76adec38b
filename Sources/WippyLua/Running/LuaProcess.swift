import LuaEngine
import WippyRuntime
import WippyValues

/// A process in Lua: each run has a state of its own.
struct LuaProcess: Sendable {
    var context: EntryContext { source.context }

    private let source: StateSource
    private let placement: Placement

    init(_ source: StateSource) {
        self.source = source
        placement = Placement(of: source.context.id, among: source.context.environment.executors)
    }

    func run(_ arguments: [Value], _ call: CallContext) async throws -> Value {
        try await placement.runHere {
            try await source.make().call(call) { stack in
                try stack.reserve(arguments.count)
                for argument in arguments { try stack.push(argument) }
                return arguments.count
            } results: { stack in
                try stack.dataValue(at: 1)
            }
        }
    }
}

extension LuaProcess: HostedProcess {
    func run(_ process: ProcessContext) async throws -> Value { try await run(process, by: nil) }

    /// Runs on a host, for a call that waits for it if there is one, and then with the values attached to that.
    func run(_ process: ProcessContext, by caller: CallContext?) async throws -> Value {
        let clock = ProcessClock(process: process, clock: source.context.environment.clock)
        return try await run(
            process.input,
            CallContext(
                source.context, values: caller?.values ?? ValueMap(), clock: clock, terminal: process.terminal,
                caller: caller))
    }
}

extension LuaProcess: Function {
    func call(_ argument: Value) async throws -> Value { try await run([argument], CallContext(source.context)) }
}

/// The clock of a process: whoever waits by it is ready, and stops waiting when the process is to end.
private struct ProcessClock: RuntimeClock {
    let process: ProcessContext
    let clock: any RuntimeClock

    var now: Duration { clock.now }

    var unixMilliseconds: Int { clock.unixMilliseconds }

    func sleep(until deadline: Duration) async throws { try await process.sleep(for: deadline - now) }
}
