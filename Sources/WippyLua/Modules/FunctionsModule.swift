import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyValues

extension ScriptModule {
    /// `funcs`: calls other functions of the application, in Lua or in Swift.
    static let funcs = ScriptModule(
        "funcs",
        [
            .function("call", traits: [.id(of: .function)]) { stack in try ScriptExecutor().call(stack, from: 1) },
            .function("async", traits: [.id(of: .function)]) { stack in try ScriptExecutor().async(stack, from: 1) },
            .function("new", traits: [.returns(ScriptExecutor.type)]) { stack in
                stack.give(ScriptExecutor(), as: ScriptExecutor.type)
            },
        ])
}

/// Calls functions with the values that a script has attached.
private final class ScriptExecutor: Sendable {
    static let type: LuaObjectType<ScriptExecutor> = LuaObjectType(
        "funcs.Executor",
        methods: [
            .method("call", traits: [.id(of: .function)]) { stack, executor in try executor.call(stack, from: 2) },
            .method("async", traits: [.id(of: .function)]) { stack, executor in try executor.async(stack, from: 2) },
            .method("with_context") { stack, executor in
                try stack.check(.table, at: 2)
                var values = executor.values
                for (name, value) in try stack.dataValue(at: 2).map ?? ValueMap() { values[name] = value }
                return stack.succeed(ScriptExecutor(values: values, options: executor.options), as: type)
            },
            .method("with_options") { stack, executor in
                try stack.check(.table, at: 2)
                let options: CallOptions
                do throws(LuaError) {
                    options = try stack.options(at: 2, CallOptions.init(from:)).completed(by: executor.options)
                } catch {
                    throw LuaRaise.argument(2, error.message)
                }
                return stack.succeed(ScriptExecutor(values: executor.values, options: options), as: type)
            },
            .absent("with_actor"), .absent("with_scope"),
        ])

    /// Calls a function once or, after failures, several times.
    private typealias Call = @Sendable () async throws -> LuaCopy

    private let values: ValueMap
    private let options: CallOptions

    init(values: ValueMap = ValueMap(), options: CallOptions = .standard) {
        (self.values, self.options) = (values, options)
    }

    func call(_ stack: LuaStack, from index: Int) throws -> LuaVerdict {
        do throws(LuaError) {
            let call = try prepare(stack, from: index)
            return .wait(for: stack.enclosed { try await call() }) { stack, result in
                try stack.push(result) { try stack.push($0) }
            }
        } catch {
            return stack.fail(error)
        }
    }

    func async(_ stack: LuaStack, from index: Int) throws -> LuaVerdict {
        let call: Call
        do throws(LuaError) {
            call = try prepare(stack, from: index)
        } catch {
            return stack.fail(error)
        }
        let future = ScriptFuture()
        future.operation = try stack.state.runInBackground {
            try await call()
        } then: { stack, result in
            future.end(with: result, on: stack)
        }
        return stack.succeed(future, as: ScriptFuture.type)
    }

    /// Finds the function whose id is at a position.
    ///
    /// Takes the values after the id as the function's arguments.
    private func prepare(_ stack: LuaStack, from index: Int) throws(LuaError) -> Call {
        do {
            let name = try stack.checkString(at: index)
            guard EntryID(name) != nil else {
                throw LuaError.invalid("'\(name)' is not the id of a function: an id is 'namespace:name'")
            }
            let caller = try stack.call
            let arguments = try stack.copies(from: index + 1)
            let function = try stack.entry(name, as: .function)
            return { [values, options] in
                try await caller.call(function, arguments, values: values, options: options)
            }
        } catch {
            throw (error as? LuaRaise).map { LuaError.invalid("\($0)") } ?? LuaError(of: error)
        }
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
