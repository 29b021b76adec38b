import HTTPServing
import WippyDefinition
import WippyRuntime

/// Finds the route of a request and lets its function answer, through the middleware of its router.
///
/// What no route answers goes through the middleware, too: that of the router whose prefix is the longest that the path
/// begins with. So an error answer can be read by a page of another origin.
///
/// A class, so that a server calls it without a copy.
final class RouteDispatcher: HTTPResponder {
    private let table: Link<RouteTable<Route>>
    private let scopes: [RouterScope]

    init(routers: [HTTPRouter]) throws {
        var table = RouteTable<Route>()
        for router in routers {
            for endpoint in router.endpoints {
                table.add(
                    endpoint.method, try RoutePattern(router.prefix + endpoint.path), Route(endpoint, of: router))
            }
        }
        self.table = Link(table)
        scopes = routers.map(RouterScope.init).sorted { $0.prefix.count > $1.prefix.count }
    }

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        let path = request.head.pathBytes
        if let clean = CleanPath(path) { return try clean.redirect(keeping: request.head.query) }
        switch table.target.match(request.method, path) {
        case .found(let route, let parameters):
            guard !parameters.isEmpty else { return try await route.respond(to: request) }
            var request = request
            request.parameters = parameters
            return try await route.respond(to: request)
        case .otherMethods(let routes):
            let answer = try Self.answer(request.method, knowing: Array(routes.keys))
            guard let route = routes.min(by: { $0.key.rawValue < $1.key.rawValue })?.value else { return answer }
            return try await route.middleware.respond(to: request) { _ in answer }
        case .redirect:
            return try CleanPath.redirect(to: request.head.path + "/", keeping: request.head.query)
        case .nothing:
            let answer = HTTPError(.notFound, "not found").response
            guard let scope = scopes.first(where: { $0.covers(path) }) else { return answer }
            return try await scope.middleware.respond(to: request) { _ in answer }
        }
    }

    /// The answer for a known path and a method that has no endpoint there: 204 to OPTIONS, else 405.
    private static func answer(_ method: HTTPMethod, knowing methods: [HTTPMethod]) throws -> HTTPResponse {
        var allowed = Set(methods.map(\.rawValue) + ["OPTIONS"])
        if allowed.contains("GET") { allowed.insert("HEAD") }
        var answer =
            method == .options
            ? HTTPResponse(status: .noContent) : HTTPError(.methodNotAllowed, "method not allowed").response
        try answer.fields.set(.allow, allowed.sorted().joined(separator: ", "))
        return answer
    }
}

/// Where a route leads.
///
/// A class, since each request takes a reference.
final class Route: Sendable {
    private let function: Link<any HTTPResponder>
    let middleware: MiddlewareChain
    private let bodyLimit: Int?
    private let handlerTimeout: Duration

    init(_ endpoint: HTTPEndpoint, of router: HTTPRouter) {
        let limits = endpoint.limits.filled(by: router.limits)
        function = endpoint.function
        middleware = MiddlewareChain(router.middleware)
        bodyLimit = limits.body?.bytes
        handlerTimeout = limits.handlerTimeout ?? RouteLimits.defaultHandlerTimeout
    }

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        if handlerTimeout != RouteLimits.defaultHandlerTimeout {
            request.setTimeout(handlerTimeout == .zero ? nil : handlerTimeout)
        }
        guard bodyLimit != nil || !middleware.isEmpty else { return try await function.target.respond(to: request) }
        var request = request
        if let bodyLimit { request.body.limit = bodyLimit }
        return try await middleware.respond(to: request) { try await function.target.respond(to: $0) }
    }
}

/// The paths below a router's prefix.
private struct RouterScope: Sendable {
    let prefix: [UInt8]
    let middleware: MiddlewareChain

    init(_ router: HTTPRouter) {
        prefix = Array(router.prefix.utf8)
        middleware = MiddlewareChain(router.middleware)
    }

    func covers(_ path: ArraySlice<UInt8>) -> Bool {
        path.starts(with: prefix) && (path.count == prefix.count || path.dropFirst(prefix.count).first == 0x2f)
    }
}

/// The middlewares of a router, the first outermost.
///
/// An error becomes an answer before they see it.
struct MiddlewareChain: Sendable {
    private let middlewares: ArraySlice<any Middleware>

    init(_ middlewares: [any Middleware]) {
        self.middlewares = middlewares[...]
    }

    private init(rest: ArraySlice<any Middleware>) {
        middlewares = rest
    }

    var isEmpty: Bool { middlewares.isEmpty }

    func respond(
        to request: HTTPRequest, by function: (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        guard let outermost = middlewares.first else { return try await function(request) }
        let inner = MiddlewareChain(rest: middlewares.dropFirst())
        return try await outermost.respond(to: request) { request in
            do {
                return try await inner.respond(to: request, by: function)
            } catch let error as HTTPError {
                return error.response
            }
        }
    }
}
