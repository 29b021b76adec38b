import HTTPServing
import LuaEngine
import WippyHTTP
import WippyLog
import WippyLua
import WippyRuntime

/// Answers requests by calls of a function in Lua.
struct LuaResponder: HTTPResponder {
    private let function: LuaFunction
    private let executors: any ExecutorProvider

    init(_ function: LuaFunction) {
        self.function = function
        executors = function.environment.executors
    }

    /// Answers a request.
    ///
    /// Parts that the script sends before its end go out at once. The rest goes out when the script has ended.
    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        guard function.sendsParts, request.method != .head else { return try await answer(HTTPExchange(request)) }
        let parts = ContentParts()
        let exchange = HTTPExchange(request, parts: parts)
        // The answer's writer waits for this task, or cancels it when the writing ends early.
        let script = Task(executorPreference: executors.next()) {
            defer { parts.end() }
            return try await answer(exchange)
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
            let returned = try await function.call(for: exchange, arguments: { _ in 0 }, results: { $0.count })
            if let response = exchange.response { return response }
            guard returned > 0 else { throw WippyError(.internal, "the script sent no answer") }
            return HTTPResponse(json: [])
        } catch {
            guard !(error is CancellationError), let response = exchange.response else {
                // A script that passes the error of the body on gives the client the status of that error.
                let raised = (error as? WippyError)?.cause as? LuaError
                throw raised?.cause as? HTTPBodyError ?? error
            }
            function.log.error("a script failed after it answered", ["error": "\(FailureReason.text(of: error))"])
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
