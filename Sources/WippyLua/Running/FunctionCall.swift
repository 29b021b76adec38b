import WippyDefinition
import WippyRuntime
import WippyValues

/// A function whose code is a script.
protocol ScriptFunction: Function {
    /// The context of the function's calls.
    var context: EntryContext { get }

    /// The options of calls by scripts that do not set their own.
    var options: CallOptions { get }

    /// Calls the function, with any number of arguments.
    func call(_ arguments: [LuaCopy], _ call: ScriptCall) async throws -> LuaCopy
}

/// A call of a function by a script.
struct FunctionCall: Sendable {
    private let function: any Function
    private let arguments: [LuaCopy]
    private let caller: ScriptCall
    private let values: ValueMap
    private let options: CallOptions

    /// - Parameters:
    ///   - values: the values that the function sees.
    ///   - options: the options, which those of the function complete.
    init(
        _ function: any Function, _ arguments: [LuaCopy], caller: ScriptCall, values: ValueMap, options: CallOptions
    ) {
        (self.function, self.arguments, self.caller, self.values) = (function, arguments, caller, values)
        self.options = (function as? any ScriptFunction).map { options.completed(by: $0.options) } ?? options
    }

    /// Calls the function until it has not failed, or until the options allow no further attempt.
    func run() async throws -> LuaCopy {
        guard let retry = options.retry else { return try await attempt() }
        var failures = 0
        while true {
            do {
                return try await attempt()
            } catch  where failures + 1 < retry.maxAttempts && retry.covers(error) {
                try await caller.clock.sleep(for: retry.backoff.delay(failures, draw: .random(in: 0...1)))
                failures += 1
            }
        }
    }

    /// Calls the function once.
    private func attempt() async throws -> LuaCopy {
        guard let timeout = options.timeout else { return try await callFunction() }
        return try await caller.environment.clock.within(
            timeout,
            orThrow: WippyError(.timeout, "the function took longer than \(timeout.written)", isRetryable: true)
        ) { try await callFunction() }
    }

    /// Calls the function.
    ///
    /// A function in Lua takes any number of arguments and sees the values. A function in Swift takes one argument.
    private func callFunction() async throws -> LuaCopy {
        if let function = function as? any ScriptFunction {
            return try await function.call(arguments, caller.calling(function.context, with: values))
        }
        guard arguments.count <= 1 else {
            throw WippyError(.invalid, "a function in Swift takes one argument, got \(arguments.count)")
        }
        return LuaCopy(try await function.call(arguments.first?.value ?? .null))
    }
}
