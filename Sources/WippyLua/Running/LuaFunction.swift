import HTTPServing
import LuaEngine
import WippyHTTP
import WippyLog
import WippyRuntime
import WippyValues

/// A function in Lua, which requests, messages and other functions call.
final class LuaFunction: Sendable {
    let context: EntryContext
    private let pool: StatePool
    private let placement: Placement

    init(_ source: StateSource, pool size: LuaPoolSize) {
        context = source.context
        pool = StatePool(source, size: size)
        placement = Placement(of: context.id, among: context.environment.executors)
    }

    /// Calls the function in a state of its own.
    private func run<Result: Sendable>(
        _ call: CallContext, arguments: (LuaStack) throws -> Int, results: (LuaStack) throws -> Result
    ) async throws -> Result {
        try await placement.runHere {
            try await pool.lend { try await $0.call(call, arguments: arguments, results: results) }
        }
    }

    /// Calls the function with any number of arguments.
    func call(_ arguments: [Value], _ call: CallContext) async throws -> Value {
        try await run(call) { stack in
            for argument in arguments { try stack.push(argument) }
            return arguments.count
        } results: { stack in
            try stack.dataValue(at: 1)
        }
    }
}

extension LuaFunction: Function {
    func call(_ argument: Value) async throws -> Value { try await call([argument], CallContext(context)) }
}

extension LuaFunction: MessageFunction {
    /// A message is handled unless the script returns false or an error, or raises one; what it has said of the message
    /// itself counts before that.
    func handle(_ delivery: Delivery) async throws {
        let handled = HandledDelivery(delivery)
        let failure: (any Error)?
        do {
            let isHandled = try await run(CallContext(context, delivery: handled)) { stack in
                try stack.push(delivery.message.body)
                return 1
            } results: { stack in
                !(stack.type(at: 1) == .boolean && !stack.isTrue(at: 1))
            }
            failure = isHandled ? nil : WippyError(.internal, "the script returned false")
        } catch {
            failure = error
        }
        switch handled.release() {
        case nil: if let failure { throw failure }
        case true?: return
        case false?: throw failure ?? WippyError(.internal, "the script has rejected the message")
        }
    }
}

extension LuaFunction: HTTPResponder {
    /// A script that has answered and then fails has answered; its failure goes to the log.
    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        let exchange = HTTPExchange(request)
        do {
            let returned = try await run(CallContext(context, exchange: exchange)) { _ in
                0
            } results: { stack in
                stack.count
            }
            if let response = exchange.response { return response }
            guard returned > 0 else { throw WippyError(.internal, "the script has sent no response") }
            return HTTPResponse(json: [])
        } catch {
            guard !(error is CancellationError), let response = exchange.response else { throw error }
            context.log.error("a script has failed after it answered", ["error": "\(FailureReason.text(of: error))"])
            return response
        }
    }
}
