import Testing
import Wippy
import WippyTestClient

/// What of an error reaches the log, and what the client.
@Suite("Failed requests", .timeLimit(.minutes(5)))
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
