import HTTPServing
import LuaEngine
import WippyHTTP
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyValues

/// A function in Lua.
///
/// Requests, messages and other functions call it.
final class LuaFunction: Sendable {
    let context: EntryContext
    private let pool: StatePool
    private let placement: Placement

    /// True if the script may send a part of an answer before the script has ended.
    private let sendsParts: Bool

    /// The options of calls by scripts that do not set their own.
    let options: CallOptions

    init(_ source: StateSource, pool size: LuaPoolSize, options: CallOptions) {
        self.options = options
        sendsParts = source.sendsParts
        context = source.context
        pool = StatePool(source, size: size)
        placement = Placement(of: context.id, among: context.environment.executors)
    }

    /// Calls the function in a state that no other call uses at the same time.
    private func run<Result: Sendable>(
        _ call: CallContext, arguments: (LuaStack) throws -> Int, results: (LuaStack) throws -> Result
    ) async throws -> Result {
        try await placement.runHere {
            try await pool.lend { try await $0.call(call, arguments: arguments, results: results) }
        }
    }

    /// Calls the function for another script, with any number of arguments.
    func call(_ arguments: [LuaCopy], _ call: CallContext) async throws -> LuaCopy {
        try await self.call(arguments, call) { stack in try stack.copy(at: 1) }
    }

    private func call<Result: Sendable>(
        _ arguments: [LuaCopy], _ call: CallContext, result: (LuaStack) throws -> Result
    ) async throws -> Result {
        guard call.recursionDepth < pool.maxStates else {
            throw WippyError(
                .unavailable,
                "'\(context.id)' calls itself more often than its pool has states (\(pool.maxStates)); "
                    + "enlarge its 'pool'",
                isRetryable: false)
        }
        return try await run(call) { stack in
            for argument in arguments { try stack.push(argument) }
            return arguments.count
        } results: { stack in
            try result(stack)
        }
    }
}

extension LuaFunction: Function {
    func call(_ argument: Value) async throws -> Value {
        try await call([.tree(argument)], CallContext(context)) { stack in try stack.dataValue(at: 1) }
    }
}

extension LuaFunction: MessageFunction {
    /// Handles a message.
    ///
    /// The message is acknowledged if the script ends without an error and does not return false. If the script has
    /// acknowledged or rejected the message itself, only that counts.
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
        case false?: throw failure ?? WippyError(.internal, "the script rejected the message")
        }
    }
}

extension LuaFunction: HTTPResponder {
    /// Answers a request.
    ///
    /// Parts that the script sends before its end go out at once. The rest goes out when the script has ended.
    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        guard sendsParts, request.method != .head else { return try await answer(HTTPExchange(request)) }
        let parts = ContentParts()
        let exchange = HTTPExchange(request, parts: parts)
        // The answer's writer waits for this task, or cancels it when the writing ends early.
        let script = Task(executorPreference: context.environment.executors.next()) {
            defer { parts.end() }
            return try await self.answer(exchange)
        }
        return try await withTaskCancellationHandler {
            guard let first = await parts.next() else { return try await script.value }
            let content = SentContent(first, parts: parts, script: script)
            return HTTPResponse(head: first.head, body: .stream(length: nil) { try await content.write(to: &$0) })
        } onCancel: {
            script.cancel()
        }
    }

    /// Returns the answer.
    ///
    /// If a script fails after it has answered, the answer is sent, and the failure goes to the log.
    private func answer(_ exchange: HTTPExchange) async throws -> HTTPResponse {
        do {
            let returned = try await run(CallContext(context, exchange: exchange)) { _ in
                0
            } results: { stack in
                stack.count
            }
            if let response = exchange.response { return response }
            guard returned > 0 else { throw WippyError(.internal, "the script sent no answer") }
            return HTTPResponse(json: [])
        } catch {
            guard !(error is CancellationError), let response = exchange.response else { throw error }
            context.log.error("a script failed after it answered", ["error": "\(FailureReason.text(of: error))"])
            return response
        }
    }
}

/// The content of an answer that is sent while its script runs.
///
/// When nothing refers to this object any more, the script is cancelled.
private final class SentContent: Sendable {
    private let first: ContentParts.Part
    private let parts: ContentParts
    private let script: Task<HTTPResponse, any Error>

    init(_ first: ContentParts.Part, parts: ContentParts, script: Task<HTTPResponse, any Error>) {
        (self.first, self.parts, self.script) = (first, parts, script)
    }

    deinit { end() }

    func write(to writer: inout HTTPBodyWriter) async throws {
        defer { end() }
        try await withTaskCancellationHandler {
            var next = Optional(first)
            while let part = next {
                try await writer.write(part.content)
                parts.sent()
                next = await parts.next()
            }
            try await writer.write(script.value.body.collect())
        } onCancel: {
            end()
        }
    }

    private func end() {
        parts.close()
        script.cancel()
    }
}
