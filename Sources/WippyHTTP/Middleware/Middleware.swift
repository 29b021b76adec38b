public import HTTPServing
public import WippyDefinition
public import WippyRuntime
public import WippyText

/// Code around the routes of a router.
///
/// A middleware sees each request before its route, and each answer before it is sent.
///
/// It has two methods instead of one around the route, because an answer need not come from the route. When the route's
/// time is up, for example, the server answers while the route may still run.
///
/// Write a middleware as one type. Add it to your program's kinds: `.standard + [MiddlewarePart<Mine>()]`.
public protocol Middleware: Sendable {
    /// The middleware's fields in the router's `options` or `post_options`. Their names begin with the middleware's
    /// name, such as `cors.max.age`.
    associatedtype Options: EntryConfig

    /// The name of the middleware in a router's `middleware` or `post_middleware`.
    static var name: ExactText { get }

    /// Creates the middleware for one router.
    init(_ options: Options)

    /// Lets a request pass, or answers it. The method may change a request that passes.
    ///
    /// The router calls its middleware from the outermost to the innermost, even if it has no route for the request.
    ///
    /// - Returns: nil to let the request pass, or an answer. After an answer, neither the inner middleware nor the
    ///   route gets the request.
    /// - Throws: any error. It is answered like an error of the route's function.
    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse?

    /// Changes an answer before it is sent. The router calls its middleware from the innermost to the outermost.
    ///
    /// The method is called for every answer of the router, even if `admit` was not called, has thrown, or has not
    /// returned yet. It must not block. The answer to an error needs its whole content: the server may leave out
    /// content that would be written in pieces.
    ///
    /// - Parameters:
    ///   - response: the answer, which the method may change.
    ///   - request: the request as it came from the client.
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest)
}

extension Middleware {
    /// Lets every request pass.
    public func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? { nil }

    /// Changes nothing.
    public func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {}
}

/// Adds a middleware to a program, as a part in its list of kinds.
///
/// Routers can then name the middleware.
public struct MiddlewarePart<Added: Middleware>: ProgramAddition {
    /// Creates the part for the middleware.
    public init() {}

    /// The type of the middleware.
    public var added: any Middleware.Type { Added.self }
}

extension Program {
    /// The middlewares that routers can name.
    var middlewares: [any Middleware.Type] { additions(as: (any Middleware.Type).self) }
}
