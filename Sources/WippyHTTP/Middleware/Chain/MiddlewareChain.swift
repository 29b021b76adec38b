import HTTPServing
import Synchronization
import WippyDefinition
import WippyRuntime

/// The middleware of a router, the outermost first.
///
/// It runs as the router's code.
///
/// It is a class, because each route and each request takes a reference.
final class MiddlewareChain: Sendable {
    private let middlewares: [any Middleware]
    /// True if a middleware has a state.
    ///
    /// Other chains pay nothing for states.
    private let keepsStates: Bool
    private let router: RunningEntry
    private let placement: Placement

    init(_ middlewares: [any Middleware], of router: EntryID, among executors: any ExecutorProvider) {
        self.middlewares = middlewares
        keepsStates = middlewares.contains { $0.keepsState }
        self.router = RunningEntry(router)
        placement = Placement(of: router, among: executors)
    }

    var isEmpty: Bool { middlewares.isEmpty }

    /// Returns the answer of the first middleware that does not let the request pass; nil if all let it pass.
    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? {
        try await placement.runHere {
            guard keepsStates else {
                for middleware in middlewares {
                    if let answer = try await middleware.admit(&request) { return answer }
                }
                return nil
            }
            let states = MiddlewareStates(of: self, count: middlewares.count)
            request.attachment = states
            for (index, middleware) in middlewares.enumerated() {
                if let answer = try await middleware.admit(&request, keepingIn: states, at: index) { return answer }
            }
            return nil
        }
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        router.run {
            guard keepsStates else {
                for middleware in middlewares.reversed() { middleware.complete(&response, to: request) }
                return
            }
            let states = (request.attachment as? MiddlewareStates).flatMap { $0.chain === self ? $0 : nil }
            for (index, middleware) in middlewares.enumerated().reversed() {
                middleware.complete(&response, to: request, from: states, at: index)
            }
        }
    }
}

/// What the middlewares of a chain keep of one request.
private final class MiddlewareStates: Sendable {
    /// The chain that has admitted the request.
    let chain: MiddlewareChain
    private let states: Mutex<[(any Sendable)?]>

    init(of chain: MiddlewareChain, count: Int) {
        self.chain = chain
        states = Mutex(Array(repeating: nil, count: count))
    }

    subscript(index: Int) -> (any Sendable)? {
        get { states.withLock { $0[index] } }
        set { states.withLock { $0[index] = newValue } }
    }
}

extension Middleware {
    fileprivate var keepsState: Bool { State.self != Void.self }

    fileprivate func admit(
        _ request: inout HTTPRequest, keepingIn states: MiddlewareStates, at index: Int
    ) async throws -> HTTPResponse? {
        var state: State?
        defer { states[index] = state }
        return try await admit(&request, keeping: &state)
    }

    fileprivate func complete(
        _ response: inout HTTPResponse, to request: HTTPRequest, from states: MiddlewareStates?, at index: Int
    ) {
        complete(&response, to: request, with: states?[index] as? State)
    }
}
