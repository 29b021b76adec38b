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
    private let middlewares: [MadeMiddleware]
    /// True if a middleware has a state.
    ///
    /// Other chains pay nothing for states.
    private let keepsStates: Bool
    private let router: RunningEntry
    private let placement: Placement

    init(_ middlewares: [MadeMiddleware], of router: EntryID, among executors: any ExecutorProvider) {
        self.middlewares = middlewares
        keepsStates = middlewares.contains { $0.middleware.keepsState }
        self.router = RunningEntry(router)
        placement = Placement(of: router, among: executors)
    }

    var isEmpty: Bool { middlewares.isEmpty }

    /// Returns the middleware that a list names with the same options; nil if the chain does not have it.
    func middleware(for use: MiddlewareUse) -> MadeMiddleware? { middlewares.first { $0.use == use } }

    /// Returns the index of an instance; nil if the chain does not have it.
    func index(of middleware: MadeMiddleware) -> Int? { middlewares.firstIndex { $0 === middleware } }

    /// Returns the answer of the first middleware that does not let the request pass; nil if all let it pass.
    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? {
        try await placement.runHere {
            let states = keepsStates ? MiddlewareStates(of: self, count: middlewares.count) : nil
            if let states { request.attachment = states }
            for (index, made) in middlewares.enumerated() {
                if let answer = try await made.middleware.admit(&request, keepingIn: states, at: index) {
                    return answer
                }
            }
            return nil
        }
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        router.run {
            let states = keepsStates ? request.attachment as? MiddlewareStates : nil
            for index in middlewares.indices.reversed() {
                let made = middlewares[index]
                let state = states?.state(of: made, at: index, in: self)
                made.middleware.complete(&response, to: request, keeping: state)
            }
        }
    }
}

/// What the middlewares of a chain keep of one request.
private final class MiddlewareStates: Sendable {
    /// The chain that has admitted the request.
    private let chain: MiddlewareChain
    private let states: Mutex<[(any Sendable)?]>

    init(of chain: MiddlewareChain, count: Int) {
        self.chain = chain
        states = Mutex(Array(repeating: nil, count: count))
    }

    func set(_ state: (any Sendable)?, at index: Int) { states.withLock { $0[index] = state } }

    /// Returns the state of a middleware; nil if it has kept none, or has not admitted the request.
    ///
    /// - Parameters:
    ///   - middleware: the instance, which may be in several chains.
    ///   - index: its index in `chain`.
    ///   - chain: the chain that completes the answer. After a reload it can be another one than the chain that has
    ///     admitted the request.
    func state(of middleware: MadeMiddleware, at index: Int, in chain: MiddlewareChain) -> (any Sendable)? {
        let place = chain === self.chain ? index : self.chain.index(of: middleware)
        return place.flatMap { place in states.withLock { $0[place] } }
    }
}

extension Middleware {
    fileprivate var keepsState: Bool { State.self != Void.self }

    fileprivate func admit(
        _ request: inout HTTPRequest, keepingIn states: MiddlewareStates?, at index: Int
    ) async throws -> HTTPResponse? {
        var state: State?
        defer { states?.set(state, at: index) }
        return try await admit(&request, keeping: &state)
    }

    fileprivate func complete(
        _ response: inout HTTPResponse, to request: HTTPRequest, keeping state: (any Sendable)?
    ) {
        complete(&response, to: request, with: state as? State)
    }
}
