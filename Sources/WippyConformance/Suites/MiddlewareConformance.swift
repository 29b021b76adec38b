public import HTTPServing
public import WippyDefinition
public import WippyHTTP
import WippyRuntime
import WippyTestTools

/// Tests a middleware against the rules of `Middleware`.
///
/// ```swift
/// try await MiddlewareConformance(Stamp.self).check()
/// ```
///
/// A middleware whose options name entries gets stand-ins for them:
///
/// ```swift
/// try await MiddlewareConformance(
///     Session.self, options: .standIn(options: ["session.store": "app:sessions"]),
///     context: .standIn(stores: ["app:sessions": store])
/// ).check()
/// ```
public struct MiddlewareConformance<Subject: Middleware>: Sendable {
    private let options: Subject.Options
    private let context: @Sendable () -> MiddlewareContext
    private let requests: [HTTPRequest]
    private let limit: Duration

    /// Creates a test of a middleware.
    ///
    /// - Parameters:
    ///   - type: the type of the middleware.
    ///   - options: the values of the middleware's options. Default: the default of each option.
    ///   - context: the context of the middleware. It is made anew for each rule. Default: a stand-in without entries.
    ///   - requests: requests that matter to the middleware. The test adds requests of its own. Default: none.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    public init(
        _ type: Subject.Type, options: Subject.Options = .standard,
        context: @escaping @Sendable @autoclosure () -> MiddlewareContext = .standIn(), requests: [HTTPRequest] = [],
        limit: Duration = .seconds(60)
    ) {
        (self.options, self.context) = (options, context)
        self.requests = requests
        self.limit = limit
    }

    /// Tests every rule.
    ///
    /// - Returns: the rules that were not tested: always none.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        try await Rule.check(Self.rules, of: "middleware '\(Subject.name)'", limit: limit) {
            let context = context()
            return MiddlewareBench(
                middleware: try Subject.make(options, with: context), requests: try HTTPRequest.trials() + requests,
                metrics: context.metrics, router: context.id, patience: Patience(limit: limit))
        }
    }

    private static var rules: [Rule<MiddlewareBench<Subject>>] {
        [
            Rule("Its options' names begin with its own", options),
            Rule("Its metrics are in the 'metrics' of the middleware", listsMetrics),
            Rule("If it has a 'State', its shorter 'admit' and 'complete' do nothing", leavesShorterMethods),
            Rule("It sees each request, even one without a route, and passes it on or answers it", admits),
            Rule("It completes each answer, even for a request that it has not seen", completes),
            Rule("It completes the answer of a request that it has seen, and one in its place", completesSeen),
            Rule("It completes the answers of many requests at once", completesMany),
            Rule("It goes on with other requests when some get no answer", outlivesMissingAnswers),
            Rule("It goes on with other requests when one is cancelled", outlivesCancellation),
        ]
    }

    private static func options(_ test: MiddlewareBench<Subject>) throws {
        var fields = FieldReader()
        _ = Subject.Options(from: &fields)
        for field in fields.descriptions {
            try require(
                field.path.utf8.starts(with: "\(Subject.name).".utf8),
                "the option '\(field.path)' must begin with '\(Subject.name).'")
        }
    }

    private static func listsMetrics(_ test: MiddlewareBench<Subject>) async throws {
        let (counts, timings, gauges) = (test.metrics.counts, test.metrics.timings, await test.metrics.gauges)
        let keys = Array(counts.keys) + Array(timings.keys) + Array(gauges.keys)
        let own = Set(keys.filter { $0.entry == test.router }.map(\.metric.name))
        let unlisted = own.subtracting(Subject.metrics.map(\.name)).sorted()
        try require(unlisted.isEmpty, "it does not list \(unlisted.map { "'\($0)'" }.joined(separator: ", "))")
    }

    private static func leavesShorterMethods(_ test: MiddlewareBench<Subject>) async throws {
        guard Subject.State.self != Void.self else { return }
        for request in test.requests { try await test.requireOnlyMethodsWithState(for: request) }
    }

    private static func admits(_ test: MiddlewareBench<Subject>) async throws {
        for request in test.requests { try await test.admit(request) }
    }

    private static func completes(_ test: MiddlewareBench<Subject>) async throws {
        for request in test.requests { try await test.complete(request, with: nil) }
    }

    private static func completesSeen(_ test: MiddlewareBench<Subject>) async throws {
        for request in test.requests {
            let state = try await test.admit(request)
            try await test.complete(request, with: state)
        }
    }

    private static func outlivesMissingAnswers(_ test: MiddlewareBench<Subject>) async throws {
        for request in Array(repeating: test.requests, count: 100).joined() { try await test.admit(request) }
        try await completesSeen(test)
    }

    private static func completesMany(_ test: MiddlewareBench<Subject>) async throws {
        try await withThrowingTaskGroup { group in
            for request in Array(repeating: test.requests, count: 10).joined() {
                group.addTask {
                    let state = try await test.admit(request)
                    try await test.complete(request, with: state)
                }
            }
            try await group.waitForAll()
        }
    }

    private static func outlivesCancellation(_ test: MiddlewareBench<Subject>) async throws {
        for request in test.requests {
            let cancelled = inCancelledTask {
                var (request, state) = (request, Subject.State?.none)
                return try await test.middleware.admit(&request, keeping: &state)
            }
            _ = try await test.patience.outcome(of: "'admit' of a cancelled task") { await cancelled.result }
            let state = try await test.admit(request)
            try await test.complete(request, with: state)
        }
    }
}

/// A middleware under test.
private struct MiddlewareBench<Subject: Middleware>: Sendable {
    let middleware: Subject
    let requests: [HTTPRequest]
    let metrics: Metrics
    let router: EntryID
    let patience: Patience

    /// Requires that the methods that are not called, because the middleware has a state, do nothing.
    func requireOnlyMethodsWithState(for request: HTTPRequest) async throws {
        let admission = Task {
            var request = request
            do { return try await middleware.admit(&request) == nil } catch { return false }
        }
        defer { admission.cancel() }
        let passes = try await patience.outcome(of: "'admit' of \(request.words)") { await admission.value }
        try require(passes, "'admit(_:)' is not called; implement only 'admit(_:keeping:)'")
        var response = HTTPResponse(status: .ok)
        middleware.complete(&response, to: request)
        let isChanged = response.status != .ok || !response.fields.isEmpty
        try require(!isChanged, "'complete(_:to:)' is not called; implement only 'complete(_:to:with:)'")
    }

    /// Passes a request to the middleware.
    ///
    /// - Returns: the state that the middleware keeps.
    @discardableResult
    func admit(_ request: HTTPRequest) async throws -> Subject.State? {
        let admission = Task {
            var (request, state) = (request, Subject.State?.none)
            // The router would answer an error, too.
            let answer = try? await middleware.admit(&request, keeping: &state)
            return (answer ?? nil, state)
        }
        defer { admission.cancel() }
        let (answer, state) = try await patience.outcome(of: "'admit' of \(request.words)") { await admission.value }
        if let answer { try await answer.requireWhole(to: request, patience) }
        return state
    }

    /// Lets the middleware complete answers of its own router, of other routers, and of no router.
    func complete(_ request: HTTPRequest, with state: Subject.State?) async throws {
        for status in [HTTPStatus.ok, .noContent, .notFound, .internalServerError] {
            let completed = try await patience.outcome(of: "'complete' of \(request.words)") {
                var response = HTTPResponse(status: status)
                middleware.complete(&response, to: request, with: state)
                return response
            }
            try await completed.requireWhole(to: request, patience)
        }
    }
}
