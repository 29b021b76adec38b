public import HTTPServing
import WippyTestTools

/// Tests a responder against the rules of `HTTPResponder`.
///
/// ```swift
/// try await HTTPResponderConformance { Greeting() }.check()
/// ```
public struct HTTPResponderConformance: Sendable {
    private let requests: [HTTPRequest]
    private let endless: HTTPRequest?
    private let limit: Duration
    private let make: @Sendable () async throws -> any HTTPResponder

    /// Creates a test of a responder.
    ///
    /// - Parameters:
    ///   - requests: requests that matter to the responder. The test adds requests of its own. Default: none.
    ///   - endless: a request for which the responder works until it is cancelled; nil if there is no such request.
    ///     Default: nil.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - make: makes the responder. It is called once for each rule.
    public init(
        requests: [HTTPRequest] = [], endless: HTTPRequest? = nil, limit: Duration = .seconds(60),
        _ make: @escaping @Sendable () async throws -> any HTTPResponder
    ) {
        self.requests = requests
        self.endless = endless
        self.limit = limit
        self.make = make
    }

    /// Tests every rule for which it has the values.
    ///
    /// - Returns: the rules that were not tested, because `endless` is nil.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        try await Rule.check(rules, of: "HTTP responder", limit: limit) {
            ResponderBench(
                responder: try await make(), requests: try HTTPRequest.trials() + requests,
                patience: Patience(limit: limit))
        }
    }

    private var rules: [Rule<ResponderBench>] {
        [
            Rule("Each request gets an answer, or an error with an answer", answers),
            Rule("It answers many requests at once", answersMany),
            Rule("Every error has an answer, which tells the client no internal detail", answersErrors),
            Rule("Cancelling the task ends the work", with: endless, endsWhenCancelled),
        ]
    }

    private func answers(_ test: ResponderBench) async throws {
        for request in test.requests { try await test.answer(to: request) }
    }

    private func answersMany(_ test: ResponderBench) async throws {
        try await withThrowingTaskGroup { group in
            for request in Array(repeating: test.requests, count: 10).joined() {
                group.addTask { try await test.answer(to: request) }
            }
            try await group.waitForAll()
        }
    }

    private func answersErrors(_ test: ResponderBench) async throws {
        for request in test.requests {
            let errors: [any Error] = [
                HTTPServingError.tooSlow, HTTPServingError.stopping, HTTPServingError.interimStatus(.continue),
                CancellationError(), Finding("secret"),
            ]
            for error in errors { try await test.answer(to: error, request) }
        }
    }

    private func endsWhenCancelled(_ test: ResponderBench, _ endless: HTTPRequest) async throws {
        let answering = Task { try await test.responder.respond(to: endless) }
        answering.cancel()
        _ = try await test.patience.outcome(of: "a cancelled 'respond'") { await answering.result }
    }
}

/// A responder under test.
private struct ResponderBench: Sendable {
    let responder: any HTTPResponder
    let requests: [HTTPRequest]
    let patience: Patience

    func answer(to request: HTTPRequest) async throws {
        let answering = Task { try await responder.respond(to: request) }
        switch try await patience.outcome(of: "'respond' to \(request.words)", { await answering.result }) {
        case .success(let answer): try await answer.requireWhole(to: request, patience)
        case .failure(let error): try await self.answer(to: error, request)
        }
    }

    func answer(to error: any Error, _ request: HTTPRequest) async throws {
        let answer = responder.answer(to: error, request)
        try require(
            answer.status.code >= 400,
            "an error's answer to \(request.words) must have a status of 400 or more, got \(answer.status)")
        let content = try await patience.outcome(of: "an error's answer to \(request.words)") {
            try await answer.body.collect()
        }
        try require(
            !String(decoding: content, as: UTF8.self).utf8.contains("secret".utf8),
            "an error of the program's own must not be part of the answer to \(request.words)")
    }
}

// Requests for the tests of responders and middleware.
extension HTTPRequest {
    /// Requests of every method, with and without an origin, for paths that no router has.
    static func trials() throws -> [HTTPRequest] {
        let methods: [HTTPMethod] = [.get, .head, .post, .put, .delete, .patch, .options]
        let origins: [[(name: HTTPFieldName, value: String)]] = [
            [], [("Origin", "https://a.example")], [("Origin", "null"), ("Access-Control-Request-Method", "GET")],
        ]
        return try methods.flatMap { method in
            try origins.compactMap { fields in
                HTTPRequestHead(method: method, target: "/none?q=%20", fields: try HTTPFields(fields))
            }
        }.map { HTTPRequest(head: $0) }
    }

    var words: String { "\(method) \(head.requestTarget)" }
}

extension HTTPResponse {
    /// Requires that the answer ends its request: by a status of 200 or more, and a body that comes to its end.
    func requireWhole(to request: HTTPRequest, _ patience: Patience) async throws {
        try require(
            status.code >= 200, "an answer to \(request.words) must have a status of 200 or more, got \(status)")
        do {
            _ = try await patience.outcome(of: "the body") { try await body.collect() }
        } catch {
            throw Finding("the body of the answer to \(request.words) must come to its end, and: \(error)")
        }
    }
}
