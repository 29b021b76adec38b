public import HTTPServing
public import WippyDefinition
public import WippyRuntime
public import WippyText

/// Something between the server and the routes of a router: it sees each request before its route and completes each
/// answer.
///
/// It is in two parts, and not around the route, since an answer need not come out of the route: when the time is up,
/// the body is too large, or the content fails, the server answers while the route may still be at work.
///
/// A middleware is one file with such a type. A program adds its own to its kinds:
/// `.standard + [MiddlewareKind<Mine>()]`.
public protocol Middleware: Sendable {
    /// What stands in the router's `options` for it. The fields' names begin with the middleware's: `cors.max.age`.
    associatedtype Options: EntryConfig

    /// The name in a router's `middleware` or `post_middleware`.
    static var name: ExactText { get }

    /// Makes the middleware for one router.
    init(_ options: Options)

    /// Lets a request pass, changed or not, or answers it.
    ///
    /// Called from outermost to innermost, also for requests for which the router has no route.
    ///
    /// - Returns: The answer, which nobody further in sees being made; nil to let the request pass.
    /// - Throws: What the router answers like an error of the route's function.
    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse?

    /// Completes an answer, whoever made it; called from innermost to outermost.
    ///
    /// Called for every answer of the router, also if `admit` was not called, has thrown, or has not returned yet. Must
    /// not block.
    ///
    /// - Parameter request: The request as it came.
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest)
}

extension Middleware {
    /// By default every request passes.
    public func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? { nil }

    /// By default answers are complete.
    public func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {}
}

/// A middleware in a program's list of kinds, so that routers can name it.
public struct MiddlewareKind<Added: Middleware>: KindAddition {
    /// Adds the middleware.
    public init() {}
}

extension KindCatalog {
    /// The middlewares that routers can name.
    var middlewares: [any Middleware.Type] { additions.compactMap { $0 as? any Middleware.Type } }
}
