import HTTPServing
import WippyDefinition
import WippyRuntime

/// The middleware of a router, the outermost first.
///
/// It runs as the router's code.
///
/// It is a class, because each route and each request takes a reference.
final class MiddlewareChain: Sendable {
    private let middlewares: [any Middleware]
    private let router: RunningEntry
    private let placement: Placement

    init(_ middlewares: [any Middleware], of router: EntryID, among executors: any ExecutorProvider) {
        self.middlewares = middlewares
        self.router = RunningEntry(router)
        placement = Placement(of: router, among: executors)
    }

    var isEmpty: Bool { middlewares.isEmpty }

    /// Returns the answer of the first middleware that does not let the request pass; nil if all let it pass.
    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? {
        try await placement.runHere {
            for middleware in middlewares {
                if let answer = try await middleware.admit(&request) { return answer }
            }
            return nil
        }
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        router.run {
            for middleware in middlewares.reversed() { middleware.complete(&response, to: request) }
        }
    }
}
