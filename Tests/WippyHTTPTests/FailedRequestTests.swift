import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// What of an error reaches the log, and what the client.
@Suite("Failed requests", .timeLimit(.minutes(15)))
struct FailedRequestTests {
    @Test("The log has an error's cause and nothing of what an error merely holds; the client has neither")
    func reasons() async throws {
        let application = try RunningApplication(
            """
            version: "1.0"
            namespace: app
            entries:
              - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: api, kind: http.router, meta: {server: gateway}}
              - {name: fail, kind: function.swift, handler: Failing}
              - {name: route, kind: http.endpoint, meta: {router: api}, method: GET, path: "/{how}", func: fail}

            """, [Failing.self])
        let answers = [
            try await application.get("/holds"), try await application.get("/cause"),
            try await application.get("/retry"),
        ]
        try await application.stop()
        let lines = application.log.records.filter { $0.message.contains("request") }.map { "\($0.metadata)" }
        #expect(answers.map(\.status) == [500, 500, 503])
        #expect(lines.count == 3)
        #expect(lines.first?.contains("Holds") == true)
        #expect(lines.dropFirst().allSatisfy { $0.contains("no mail can be sent: NoRoute.closed") })
        for text in lines + answers.map(\.body) { #expect(!text.contains("hunter2")) }
        for answer in answers { #expect(!answer.body.contains("mail") && !answer.body.contains("Holds")) }
    }

    @Test("An error after the handler's time was up is logged once, and the line says that the client has an answer")
    func lateErrors() async throws {
        let application = try RunningApplication(
            """
            version: "1.0"
            namespace: app
            entries:
              - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: plain, kind: http.router, meta: {server: gateway}, prefix: /plain, timeouts: {handler: 50ms}}
              - name: cors
                kind: http.router
                meta: {server: gateway}
                prefix: /cors
                timeouts: {handler: 50ms}
                middleware: [cors]
              - {name: fail, kind: function.swift, handler: FailingLate}
              - {name: one, kind: http.endpoint, meta: {router: plain}, method: GET, path: "/{how}", func: fail}
              - {name: two, kind: http.endpoint, meta: {router: cors}, method: GET, path: "/{how}", func: fail}

            """, [FailingLate.self])
        for path in ["/plain/unavailable", "/plain/internal", "/cors/unavailable", "/cors/internal"] {
            #expect(try await application.get(path).status == 503)
        }
        try await application.stop()
        let lines = application.log.records.filter { $0.message.contains("request") }
        #expect(lines.map(\.message) == Array(repeating: "a request failed after its client had an answer", count: 4))
        #expect(lines.allSatisfy { "\($0.metadata)".contains("no mail can be sent") })
        let counts = application.application.metrics.counts
        #expect(!counts.contains { $0.key.name == "http.unavailable" && $0.value > 0 })
    }

    @Test("A client's own mistake is not logged, even if it comes after the handler's time was up")
    func lateMistakes() async throws {
        let application = try RunningApplication(
            """
            version: "1.0"
            namespace: app
            entries:
              - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: api, kind: http.router, meta: {server: gateway}, timeouts: {handler: 50ms}}
              - {name: square, kind: function.swift, handler: Square}
              - {name: fail, kind: function.swift, handler: Mistaken, uses: {square: square}}
              - {name: route, kind: http.endpoint, meta: {router: api}, method: GET, path: "/{how}", func: fail}

            """, [Mistaken.self, Square.self])
        #expect(try await application.get("/early").status == 400)
        #expect(try await application.get("/late").status == 503)
        try await application.stop()
        #expect(Mistaken.count.load(ordering: .relaxed) == 2)
        #expect(!application.messages.contains { $0.contains("request failed") })
    }

    @Test("An error of a streamed answer after its first piece is logged once, and at most ten times in a second")
    func lateStreams() async throws {
        let application = try RunningApplication(
            """
            version: "1.0"
            namespace: app
            entries:
              - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: api, kind: http.router, meta: {server: gateway}, middleware: [completing]}
              - {name: fail, kind: function.swift, handler: Streaming}
              - {name: route, kind: http.endpoint, meta: {router: api}, method: GET, path: "/{how}", func: fail}

            """, [Streaming.self], kinds: .standard(middleware: [Completing.self]), clock: TestClock())
        for _ in 0..<12 { #expect(try await application.get("/fails").status == 200) }
        #expect(try await application.get("/refuses").status == 200)
        try await application.stop()
        let lines = application.log.records.filter { $0.message.contains("request") }
        let sentence = "a request failed after its client had an answer"
        #expect(
            lines.map(\.message) == Array(repeating: sentence, count: 10) + [
                "requests failed after their clients had an answer"
            ])
        #expect(lines.allSatisfy { $0.level == .warning && $0.entry == "app:gateway" })
        #expect(lines.dropLast().allSatisfy { "\($0.metadata)".contains("no row can be read") })
        let last = try #require(lines.last)
        #expect(last.metadata["left_out"] == 2)
        // The middleware has seen each answer once.
        #expect(Completing.count.load(ordering: .relaxed) == 13)
    }
}

/// Calls a function with a value that it cannot take, at once or when it is cancelled.
private struct Mistaken: HTTPHandler {
    static let count = Atomic(0)

    private let square: LinkedFunction

    init(_ context: HandlerContext) throws {
        square = try context.function("square")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.parameter("how") == "late" { try? await Task.sleep(for: .seconds(3600)) }
        Self.count.add(1, ordering: .relaxed)
        return try await .json(square.call(["n": "x"]))
    }
}

private struct Square: FunctionHandler {
    struct Input: Decodable { let n: Int }

    init(_ context: HandlerContext) {}
    func call(_ input: Input) -> Int { input.n * input.n }
}

/// Fails when the client has the first piece of the answer.
private struct Streaming: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let how = request.parameter("how")
        return HTTPResponse(
            status: .ok,
            body: .stream(length: nil) { writer in
                try await writer.write("first")
                if how == "refuses" { throw HTTPError(.badRequest, "no such row") }
                throw WippyError(.internal, "no row can be read")
            })
    }
}

/// Counts the answers.
private struct Completing: Middleware {
    static let name: ExactText = "completing"
    static let count = Atomic(0)

    init(_ options: NoConfig) {}

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) { Self.count.add(1, ordering: .relaxed) }
}

/// Fails when it is cancelled.
private struct FailingLate: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        try? await Task.sleep(for: .seconds(3600))
        throw WippyError(request.parameter("how") == "internal" ? .internal : .unavailable, "no mail can be sent")
    }
}

private struct Failing: HTTPHandler {
    struct Holds: Error {
        let password = "hunter2"
    }

    enum NoRoute: Error {
        case closed
    }

    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch request.parameter("how") {
        case "holds": throw Holds()
        case "cause": throw WippyError(.internal, "no mail can be sent", cause: NoRoute.closed)
        default: throw WippyError(.unavailable, "no mail can be sent", cause: NoRoute.closed)
        }
    }
}
