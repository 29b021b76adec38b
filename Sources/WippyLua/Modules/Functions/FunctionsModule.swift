import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyValues

extension ScriptModule {
    /// `funcs`: calls other functions of the application, in Lua or in Swift.
    static let funcs = ScriptModule(
        "funcs",
        [
            .function("call") { stack in try ScriptExecutor().call(stack, from: 1) },
            .function("async") { stack in try ScriptExecutor().async(stack, from: 1) },
            .function("new") { stack in stack.give(ScriptExecutor(), as: ScriptExecutor.type) },
        ],
        ids: [
            .of("call", .function), .of("async", .function), .of("new():call", .function),
            .of("new():async", .function),
        ],
        absentMethods: ["new():with_actor", "new():with_scope"])
}

/// Calls functions with the values that a script has attached.
private final class ScriptExecutor: Sendable {
    static let type: LuaObjectType<ScriptExecutor> = LuaObjectType(
        "funcs.Executor",
        methods: [
            "call": { stack, executor in try executor.call(stack, from: 2) },
            "async": { stack, executor in try executor.async(stack, from: 2) },
            "with_context": { stack, executor in
                try stack.check(.table, at: 2)
                var values = executor.values
                for (name, value) in try stack.dataValue(at: 2).map ?? ValueMap() { values[name] = value }
                return stack.succeed(ScriptExecutor(values: values, options: executor.options), as: type)
            },
            "with_options": { stack, executor in
                try stack.check(.table, at: 2)
                let options: CallOptions
                do throws(LuaError) {
                    options = try stack.options(at: 2, CallOptions.init(from:)).completed(by: executor.options)
                } catch {
                    throw LuaRaise.argument(2, error.message)
                }
                return stack.succeed(ScriptExecutor(values: executor.values, options: options), as: type)
            },
            "with_actor": { stack, _ in stack.fail(.noSecurity) },
            "with_scope": { stack, _ in stack.fail(.noSecurity) },
        ])

    private let values: ValueMap
    private let options: CallOptions

    init(values: ValueMap = ValueMap(), options: CallOptions = .standard) {
        (self.values, self.options) = (values, options)
    }

    func call(_ stack: LuaStack, from index: Int) throws -> LuaVerdict {
        do throws(LuaError) {
            let call = try prepare(stack, from: index)
            return .wait(for: stack.enclosed { try await call.run() }) { stack, result in
                try stack.push(result) { try stack.push($0) }
            }
        } catch {
            return stack.fail(error)
        }
    }

    func async(_ stack: LuaStack, from index: Int) throws -> LuaVerdict {
        let call: FunctionCall
        do throws(LuaError) {
            call = try prepare(stack, from: index)
        } catch {
            return stack.fail(error)
        }
        let future = ScriptFuture()
        future.operation = try stack.state.runInBackground {
            try await call.run()
        } then: { stack, result in
            future.end(with: result, on: stack)
        }
        return stack.succeed(future, as: ScriptFuture.type)
    }

    /// Finds the function whose id is at a position.
    ///
    /// Takes the values after the id as the function's arguments.
    private func prepare(_ stack: LuaStack, from index: Int) throws(LuaError) -> FunctionCall {
        do {
            let name = try stack.checkString(at: index)
            guard name.utf8.contains(UInt8(ascii: ":")), let id = EntryID(name, relativeTo: ""),
                !id.namespace.isEmpty
            else { throw LuaError.invalid("'\(name)' is not the id of a function: an id is 'namespace:name'") }
            let caller = try stack.call
            let arguments = try stack.copies(from: index + 1)
            var all = caller.values
            for (name, value) in values { all[name] = value }
            let function = try stack.entry(name, as: .function)
            return FunctionCall(
                function: function, arguments: arguments, caller: caller, values: all,
                options: (function as? LuaFunction).map { options.completed(by: $0.options) } ?? options)
        } catch {
            throw (error as? LuaRaise).map { LuaError.invalid("\($0)") } ?? LuaError(of: error)
        }
    }
}

/// A call of a function.
private struct FunctionCall: Sendable {
    let function: any Function
    let arguments: [LuaCopy]
    let caller: ScriptCall
    let values: ValueMap
    let options: CallOptions

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
    /// A function in Lua takes any number of arguments and sees the caller's values. A function in Swift takes one
    /// argument.
    private func callFunction() async throws -> LuaCopy {
        if let function = function as? LuaFunction {
            return try await function.call(arguments, caller.calling(function.context, with: values))
        }
        if let process = function as? LuaProcess {
            return try await process.run(arguments, caller.calling(process.context, with: values))
        }
        guard arguments.count <= 1 else {
            throw WippyError(.invalid, "a function in Swift takes one argument, got \(arguments.count)")
        }
        return .tree(try await function.call(arguments.first?.value ?? .null))
    }
}

/// The result of a call for which a script does not wait.
///
/// Only the thread that runs the script uses it.
private final class ScriptFuture {
    static let type: LuaObjectType<ScriptFuture> = LuaObjectType(
        "funcs.Future",
        methods: [
            "response": { stack, future in future.pushChannel(stack) },
            "channel": { stack, future in future.pushChannel(stack) },
            "is_complete": { stack, future in stack.give(future.outcome != nil) },
            "is_canceled": { stack, future in stack.give(future.isCancelled) },
            "result": { stack, future in
                switch future.outcome {
                case .success(let copy)?:
                    stack.push(ScriptPayload(.copy(copy)), as: ScriptPayload.type, holding: copy.size)
                    return stack.succeed()
                case .failure(let error)?: return stack.fail(error)
                case nil:
                    stack.pushNil()
                    return stack.succeed()
                }
            },
            "error": { stack, future in
                if case .failure(let error)? = future.outcome {
                    stack.push(error)
                    stack.push(true)
                } else {
                    stack.pushNil()
                    stack.push(false)
                }
                return .results(2)
            },
            "cancel": { stack, future in
                future.cancel(stack)
                return stack.succeed(true)
            },
        ])

    private let channel = LuaChannel(capacity: 1)
    private var outcome: Result<LuaCopy, LuaError>?
    private var isCancelled = false
    var operation: LuaBackground?

    private func pushChannel(_ stack: LuaStack) -> LuaVerdict {
        stack.give(channel)
    }

    /// Keeps the result, and sends a payload or the error to the channel.
    func end(with result: Result<LuaCopy, any Error>, on stack: LuaStack) {
        guard outcome == nil else { return }
        let outcome = result.mapError { LuaError(of: $0) }
        self.outcome = outcome
        switch outcome {
        case .success(let copy): stack.push(ScriptPayload(.copy(copy)), as: ScriptPayload.type, holding: copy.size)
        case .failure(let error): stack.push(error)
        }
        channel.send(fromTopOf: stack)
    }

    private func cancel(_ stack: LuaStack) {
        guard outcome == nil else { return }
        isCancelled = true
        operation?.cancel()
        end(with: .failure(CancellationError()), on: stack)
    }
}

extension LuaError {
    fileprivate static let noSecurity = LuaError.invalid("actors and scopes are not supported yet")
}
