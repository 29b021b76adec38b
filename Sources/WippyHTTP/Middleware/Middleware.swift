public import HTTPServing
public import WippyDefinition
public import WippyRuntime
public import WippyText

/// Code around the routes of a router.
///
/// It sees each request before its route, and each answer before it is sent.
///
/// It has two methods instead of one that wraps the route, because an answer need not come from the route. When the
/// time is up, the body is too large, or the content fails, the server answers while the route may still run.
///
/// A middleware is one file with such a type. Add it to your program's kinds: `.standard + [MiddlewareKind<Mine>()]`.
public protocol Middleware: Sendable {
    /// The fields for it in the router's `options`. Their names begin with the middleware's name: `cors.max.age`.
    associatedtype Options: EntryConfig

    /// The name in a router's `middleware` or `post_middleware`.
    static var name: ExactText { get }

    /// Makes the middleware for one router.
    init(_ options: Options)

    /// Lets a request pass, changed or not, or answers it.
    ///
    /// It is called from the outermost middleware to the innermost, also if the router has no route for the request.
    ///
    /// - Returns: an answer, which later middleware and the route do not see; nil to let the request pass.
    /// - Throws: an error, which is answered like an error of the route's function.
    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse?

    /// Completes an answer, whoever made it. It is called from the innermost middleware to the outermost.
    ///
    /// It is called for every answer of the router, even if `admit` was not called, has thrown, or has not returned
    /// yet. It must not block.
    ///
    /// - Parameters:
    ///   - response: the answer, which it may change.
    ///   - request: the request as it came.
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest)
}

extension Middleware {
    /// By default every request passes.
    public func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? { nil }

    /// By default answers stay as they are.
    public func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {}
}

/// Adds a middleware to a program's list of kinds, so that routers can name it.
public struct MiddlewareKind<Added: Middleware>: KindAddition {
    /// Creates the addition.
    public init() {}

    /// The middleware's type.
    public var added: any Sendable { Added.self }
}

extension KindCatalog {
    /// The middlewares that routers can name.
    var middlewares: [any Middleware.Type] { additions.compactMap { $0 as? any Middleware.Type } }
}
