public import LuaEngine
public import WippyDefinition
public import WippyLog
public import WippyRuntime
public import WippyValues

/// A function in Lua: the component of an entry of kind `function.lua`.
///
/// A program can offer it under further contracts by a ``LuaFunctionOffer``.
public final class LuaFunction: Sendable {
    let context: EntryContext
    private let pool: StatePool
    private let placement: Placement

    /// True if the script may send a part of an answer before the script has ended.
    ///
    /// It is true if the script, or a library that it imports, uses the name of a function or method that has the trait
    /// `sendsParts`. If it is false, the whole answer can be sent when the script has ended.
    public let sendsParts: Bool

    /// The options of calls by scripts that do not set their own.
    let options: CallOptions

    init(_ source: StateSource, pool size: LuaPoolSize, options: CallOptions, waits: StateWaits) {
        self.options = options
        sendsParts = source.sendsParts
        context = source.context
        pool = StatePool(source, size: size, waits: waits)
        placement = Placement(of: context.id, among: context.environment.executors)
    }

    /// The id of the function's entry.
    public var entry: EntryID { context.id }

    /// The log, with the entry's id attached.
    public var log: Log { context.log }

    /// The environment of the application, such as its clock and metrics.
    public var environment: RuntimeEnvironment { context.environment }

    /// Calls the function, in a state that no other call uses at the same time.
    ///
    /// The call waits until the function's pool has such a state.
    ///
    /// - Parameters:
    ///   - subject: the object for which the function is called, such as an exchange of HTTP. Modules find it in
    ///     ``ScriptCall/subject``.
    ///   - arguments: pushes the function's arguments, and returns their number.
    ///   - results: reads the function's results, the first at position 1. It is called only if the function has not
    ///     failed.
    /// - Returns: the result of `results`.
    /// - Throws: `WippyError` when one of the closures throws, or when the script fails: for example, when it raises an
    ///   error, returns one as its second result, or exceeds a limit of its entry; `CancellationError` when the task is
    ///   cancelled.
    public func call<Result: Sendable>(
        for subject: any AnyObject & Sendable, arguments: (LuaStack) throws -> Int,
        results: (LuaStack) throws -> Result
    ) async throws -> Result {
        try await run(ScriptCall(context, for: subject), arguments: arguments, results: results)
    }

    private func run<Result: Sendable>(
        _ call: ScriptCall, arguments: (LuaStack) throws -> Int, results: (LuaStack) throws -> Result
    ) async throws -> Result {
        try await placement.runHere {
            try await pool.lend(to: call) { try await $0.call(call, arguments: arguments, results: results) }
        }
    }

    private func call<Result: Sendable>(
        _ arguments: [LuaCopy], _ call: ScriptCall, result: (LuaStack) throws -> Result
    ) async throws -> Result {
        try await run(call) { stack in
            for argument in arguments { try stack.push(argument) }
            return arguments.count
        } results: { stack in
            try result(stack)
        }
    }
}

extension LuaFunction: ScriptFunction {
    func call(_ arguments: [LuaCopy], _ call: ScriptCall) async throws -> LuaCopy {
        try await self.call(arguments, call) { stack in try stack.copy(at: 1) }
    }

    /// Calls the function with one argument, and returns its first result.
    ///
    /// - Throws: `WippyError` when the argument or the result cannot be copied, or when the script fails: for example,
    ///   when it raises an error, returns one as its second result, or exceeds a limit of its entry;
    ///   `CancellationError` when the task is cancelled.
    public func call(_ argument: Value) async throws -> Value {
        try await call([LuaCopy(argument)], ScriptCall(context)) { stack in try stack.dataValue(at: 1) }
    }
}
