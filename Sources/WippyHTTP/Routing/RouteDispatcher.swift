public import HTTPServing
import WippyDefinition
public import WippyRuntime

/// Finds the route of each request, and calls the route's function for the answer.
///
/// An answer passes the middleware of the router to which the path belongs, if there is one. Answers to health checks
/// and to `OPTIONS *` pass no middleware.
public final class RouteDispatcher: HTTPResponder {
    /// The routes, with all their methods for `OPTIONS *`.
    private struct Routes {
        let table: RouteTable<Route, MiddlewareChain>
        let allMethods: String
        let health: HealthPaths
    }

    private let routes: Link<Routes>
    private let errors: ErrorResponses
    private let readiness: Readiness

    /// True if the application has started, every required service is ready, and no stop has begun.
    package var applicationIsReady: Bool { readiness.isReady }

    /// Creates a dispatcher with the routes of the routers that are attached to a server.
    ///
    /// - Parameters:
    ///   - context: the context in which the server is built.
    ///   - health: the paths for health checks. Default: none.
    /// - Throws: an error when a router cannot be built. Do not catch the error.
    public convenience init(_ context: BuildContext, health: HealthPaths = .none) throws {
        let routers = try context.attached(.router).map(\.offered)
        try self.init(
            routers: routers, health: health, readiness: context.environment.readiness,
            errors: ErrorResponses(context: context))
    }

    init(
        routers: [HTTPRouter], health: HealthPaths = .none, readiness: Readiness = Readiness(), errors: ErrorResponses
    ) throws {
        self.errors = errors
        self.readiness = readiness
        routes = Link(try Self.routes(of: routers, health))
    }

    /// Prepares new routes, from the routers that are now attached to the server.
    ///
    /// The returned update replaces all routes at once. A request that has found its route keeps that route.
    ///
    /// - Parameters:
    ///   - context: the context in which the server is updated.
    ///   - health: the new paths for health checks. Default: none.
    /// - Throws: an error when a router cannot be built. Do not catch the error.
    public func update(with context: BuildContext, health: HealthPaths = .none) throws -> Update {
        let new = try Self.routes(of: try context.attached(.router).map(\.offered), health)
        return Update(from: routes.target, to: new) { [routes] in routes.replace(with: $0) }
    }

    private static func routes(of routers: [HTTPRouter], _ health: HealthPaths) throws -> Routes {
        var routes: [(method: HTTPMethod, pattern: RoutePattern, target: Route)] = []
        var prefixes: [(prefix: RoutePrefix, scope: MiddlewareChain)] = []
        for router in routers {
            prefixes.append((router.prefix, router.middleware))
            for endpoint in router.endpoints {
                let route = Route(endpoint, of: router)
                routes.append((endpoint.method, try RoutePattern(endpoint.path, below: router.prefix), route))
            }
        }
        return Routes(
            table: RouteTable(routes: routes, prefixes: prefixes), allMethods: allowed(routes.map(\.method)),
            health: health)
    }

    /// Answers a request, through the middleware of its router.
    ///
    /// - Throws: any error. The server then answers with ``answer(to:_:)``.
    public func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        if let answer = try routes.target.health.answer(to: request.head, readiness) { return answer }
        let destination = destination(of: request.head)
        guard let middleware = destination.middleware, !middleware.isEmpty else {
            return try await answer(request, at: destination)
        }
        var response: HTTPResponse
        do {
            var admitted = request
            if let answer = try await middleware.admit(&admitted) {
                response = answer
            } else {
                response = try await answer(admitted, at: destination)
            }
        } catch let error where !(error is CancellationError) {
            // The error is answered here, because other routes with other middleware may be in force later.
            response = errors.answer(to: error, request)
        }
        middleware.complete(&response, to: request)
        return response
    }

    /// Answers a request that failed, through the middleware of its router.
    ///
    /// If the error has a text for the client, the answer contains it. Otherwise the answer is 503 or 500. If the
    /// client already has an answer, or the beginning of one, the new answer passes no middleware, because the server
    /// drops it.
    public func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        var response = errors.answer(to: error, request)
        // A late answer is dropped, so it is no answer for the middleware.
        guard !request.isAnswered else { return response }
        destination(of: request.head).middleware?.complete(&response, to: request)
        return response
    }

    /// Logs the number of temporary refusals and late errors that were left out of the log, if there are any.
    ///
    /// Call it when the server ends.
    public func finish() { errors.finish() }

    private func answer(_ request: HTTPRequest, at destination: Destination) async throws -> HTTPResponse {
        switch destination {
        case .route(let route, let parameters):
            guard !parameters.isEmpty else { return try await route.respond(to: request) }
            var request = request
            request.parameters = parameters
            return try await route.respond(to: request)
        case .otherMethods(let routes, _):
            return try Self.answer(request.method, knowing: routes.map(\.method))
        case .unclean(let path, _):
            return try path.redirect(keeping: request.head.query)
        case .missingSlash:
            return try CleanPath.redirect(to: request.head.path + "/", keeping: request.head.query)
        case .badRest:
            return HTTPError(.badRequest, "the path must not hold an encoded slash, dot or NUL").response
        case .nothing:
            return HTTPError(.notFound, "not found").response
        case .server:
            var answer = HTTPResponse(status: .ok)
            try answer.fields.set(.allow, routes.target.allMethods)
            return answer
        }
    }

    /// Returns the answer for a path that has endpoints for other methods only: 204 for OPTIONS, otherwise 405.
    private static func answer(_ method: HTTPMethod, knowing methods: [HTTPMethod]) throws -> HTTPResponse {
        var answer =
            method == .options
            ? HTTPResponse(status: .noContent) : HTTPError(.methodNotAllowed, "method not allowed").response
        try answer.fields.set(.allow, allowed(methods))
        return answer
    }

    private static func allowed(_ methods: [HTTPMethod]) -> String {
        var allowed = Set(methods.map(\.rawValue) + ["OPTIONS"])
        if allowed.contains("GET") { allowed.insert("HEAD") }
        return allowed.sorted().joined(separator: ", ")
    }
}

extension RouteDispatcher {
    /// The result of looking up a request.
    private enum Destination {
        case route(Route, [HTTPPathParameter])
        case badRest(Route)
        /// The most specific route is the first.
        case otherMethods([(method: HTTPMethod, target: Route)], asked: HTTPMethod?)
        case missingSlash(Route)
        /// The middleware is that of the clean path.
        case unclean(CleanPath, MiddlewareChain?)
        case nothing(MiddlewareChain?)
        /// The server as a whole, without a path: `OPTIONS *`.
        case server

        /// The middleware that the answer passes.
        var middleware: MiddlewareChain? {
            switch self {
            case .route(let route, _), .badRest(let route), .missingSlash(let route): route.middleware
            case .otherMethods(let routes, let asked):
                (routes.first { $0.method == asked } ?? routes.first)?.target.middleware
            case .unclean(_, let middleware), .nothing(let middleware): middleware
            case .server: nil
            }
        }
    }

    private func destination(of head: HTTPRequestHead) -> Destination {
        let path = head.pathBytes
        if path.first == UInt8(ascii: "*") { return .server }
        if let clean = CleanPath(path) {
            return .unclean(clean, destination(of: head, at: clean.bytes[...]).middleware)
        }
        return destination(of: head, at: path)
    }

    private func destination(of head: HTTPRequestHead, at path: ArraySlice<UInt8>) -> Destination {
        switch routes.target.table.match(head.method, path) {
        case .found(let route, let parameters): .route(route, parameters)
        case .badRest(let route): .badRest(route)
        case .otherMethods(let routes): .otherMethods(routes, asked: Self.methodAskedFor(by: head))
        case .missingSlash(let route): .missingSlash(route)
        case .nothing(let middleware): .nothing(middleware)
        }
    }

    /// Returns the method of the request that a preflight announces.
    ///
    /// HEAD counts as GET, because a route for GET also serves HEAD.
    private static func methodAskedFor(by head: HTTPRequestHead) -> HTTPMethod? {
        guard head.method == .options, let text = head.fields["Access-Control-Request-Method"] else { return nil }
        let method = HTTPMethod(text)
        return method == .head ? .get : method
    }
}

/// A route: its function, middleware and limits.
///
/// It is a class, because each request takes a reference.
final class Route: Sendable {
    private let responder: Link<any HTTPResponder>
    let middleware: MiddlewareChain
    private let bodyLimit: Int?
    private let handlerTimeout: Duration?

    init(_ endpoint: HTTPEndpoint, of router: HTTPRouter) {
        let limits = endpoint.limits.filled(by: router.limits)
        responder = endpoint.responder
        middleware = router.middleware
        bodyLimit = limits.body?.bytes
        handlerTimeout = limits.handlerTimeout
    }

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        if let handlerTimeout { request.setTimeout(handlerTimeout == .zero ? nil : handlerTimeout) }
        guard let bodyLimit else { return try await responder.target.respond(to: request) }
        var request = request
        request.body.limit = bodyLimit
        return try await responder.target.respond(to: request)
    }
}
