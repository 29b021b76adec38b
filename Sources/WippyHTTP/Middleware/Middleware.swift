public import HTTPServing
public import WippyDefinition
public import WippyRuntime
public import WippyText

/// Code around the routes of a router.
///
/// A middleware sees requests before their route, and answers before they are sent.
///
/// It has two methods instead of one around the route, because an answer need not come from the route. When the route's
/// time is up, for example, the server answers while the route may still run.
///
/// Implement ``admit(_:)``, ``complete(_:to:)`` or both. If `complete` needs to know something from `admit`, such as
/// the time at which the request came, the middleware keeps it as its ``State``. Then implement ``admit(_:keeping:)``
/// and ``complete(_:to:with:)`` instead. A router calls these two of every middleware. Without a state, they lead to
/// the shorter methods.
///
/// ```swift
/// func admit(_ request: inout HTTPRequest, keeping began: inout Duration?) async throws -> HTTPResponse? {
///     began = clock.now
///     return nil
/// }
///
/// func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with began: Duration?) { … }
/// ```
///
/// Write a middleware as one type. Add it to your program's kinds: `.standard(middleware: [Mine.self])`.
public protocol Middleware: Sendable {
    /// The middleware's fields in the router's `options` or `post_options`. Their names begin with the middleware's
    /// name, such as `cors.max.age`.
    associatedtype Options: EntryConfig

    /// The value that goes with a request from `admit` to `complete`.
    ///
    /// Default: `Void`, for a middleware that keeps nothing.
    associatedtype State: Sendable = Void

    /// The type of the context that the middleware's `init` takes: `MiddlewareContext`, or `Void` for ``init(_:)``.
    ///
    /// Swift infers this type, so do not declare it.
    associatedtype InitContext = Void

    /// The name of the middleware in a router's `middleware` or `post_middleware`.
    static var name: ExactText { get }

    /// The metrics that the middleware counts or measures for its router, for the manual. Default: none.
    static var metrics: [MetricDescription] { get }

    /// Creates the middleware for one router.
    ///
    /// Implement this `init` if the middleware needs nothing but its options. Otherwise implement ``init(_:with:)``:
    /// then this one is not called. A type with neither of them does not compile.
    ///
    /// - Throws: any error. It is reported like an error of ``init(_:with:)``.
    init(_ options: Options) throws

    /// Creates the middleware for one router, from its options and a context.
    ///
    /// It is called when the router is built, also by `lint`. So take values from the context and keep them. Do not
    /// open or write anything, and start no task. When a reload builds the router anew, the instance goes on if its
    /// name stays in the same list with the same options.
    ///
    /// ```swift
    /// init(_ options: Options, with context: MiddlewareContext) throws {
    ///     sessions = try context.resolve(options.store)
    /// }
    /// ```
    ///
    /// - Throws: any error, which is reported as an error of the project. If it has no place of its own, it gets the
    ///   place of the middleware's name in the router.
    init(_ options: Options, with context: InitContext) throws

    /// Lets a request pass, or answers it. The method may change a request that passes.
    ///
    /// A middleware with a ``State`` implements ``admit(_:keeping:)`` instead. Then this method is not called. Default:
    /// it lets the request pass.
    ///
    /// The router calls its middleware from the outermost to the innermost, even if it has no route for the request.
    ///
    /// - Returns: nil to let the request pass, or an answer. After an answer, the router calls neither `admit` of the
    ///   inner middleware nor the route.
    /// - Throws: any error. It is answered like an error of the route's function.
    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse?

    /// Changes an answer before it is sent. The router calls its middleware from the innermost to the outermost.
    ///
    /// A middleware with a ``State`` implements ``complete(_:to:with:)`` instead. Then this method is not called.
    /// Default: it changes nothing.
    ///
    /// The method is called for every answer of the router, even if `admit` was not called, has thrown, or has not
    /// returned yet. It must not block.
    ///
    /// If the answer is to an error, do not set content that is written in pieces: the server may leave it out.
    ///
    /// - Parameters:
    ///   - response: the answer, which the method may change.
    ///   - request: the request as it came from the client.
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest)

    /// Lets a request pass, or answers it, and keeps a value for ``complete(_:to:with:)``.
    ///
    /// It has the rules of ``admit(_:)``. A middleware with a ``State`` must implement it. Without a ``State``, the
    /// default calls ``admit(_:)``.
    ///
    /// - Parameters:
    ///   - request: the request, which the method may change.
    ///   - state: nil at first. The value that the method leaves here is kept, also if the method throws. It is
    ///     released when the work for the request has ended, also if the client goes away without an answer.
    func admit(_ request: inout HTTPRequest, keeping state: inout State?) async throws -> HTTPResponse?

    /// Changes an answer before it is sent, with the value that ``admit(_:keeping:)`` has kept.
    ///
    /// It has the rules of ``complete(_:to:)``. A middleware with a ``State`` must implement it. Without a ``State``,
    /// the default calls ``complete(_:to:)``.
    ///
    /// The method is called again for the same request if the server replaces an answer that it cannot send, and for
    /// the answer of a route whose time was up.
    ///
    /// - Parameters:
    ///   - response: the answer, which the method may change.
    ///   - request: the request as it came from the client.
    ///   - state: the kept value. It is nil if `admit` kept none, was not called, or has not returned yet. It is also
    ///     nil if the server answers in place of the route, and a reload has made the middleware anew after `admit`.
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: State?)
}

extension Middleware {
    /// The default: no metrics.
    public static var metrics: [MetricDescription] { [] }

    /// Lets every request pass.
    public func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? { nil }

    /// Changes nothing.
    public func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {}
}

extension Middleware where InitContext == Void {
    /// Calls ``init(_:)``.
    public init(_ options: Options, with context: Void) throws {
        try self.init(options)
    }
}

extension Middleware where InitContext == MiddlewareContext {
    /// Throws an error, because the middleware needs its context.
    public init(_ options: Options) throws {
        throw MissingContext(type: "\(Self.self)")
    }
}

extension Middleware where State == Void {
    /// Calls ``admit(_:)``.
    public func admit(_ request: inout HTTPRequest, keeping state: inout State?) async throws -> HTTPResponse? {
        try await admit(&request)
    }

    /// Calls ``complete(_:to:)``.
    public func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: State?) {
        complete(&response, to: request)
    }
}

extension Middleware {
    /// Creates the middleware for one router, by the `init` that the type has.
    ///
    /// - Throws: the error of that `init`.
    package static func make(_ options: Options, with context: MiddlewareContext) throws -> Self {
        if let context = context as? InitContext { return try Self(options, with: context) }
        return try Self(options)
    }
}

/// The error of a middleware that was made without the context that its `init` takes.
private struct MissingContext: Error, CustomStringConvertible {
    let type: String
    var description: String { "'\(type)' needs a context: call 'init(_ options:with:)'" }
}

/// Adds a middleware to a program, as a part in its list of kinds.
///
/// Routers can then name the middleware.
public struct MiddlewarePart: ProgramAddition {
    /// The type of the middleware.
    public let added: any Middleware.Type

    /// Creates the part for the middleware.
    public init(_ middleware: any Middleware.Type) {
        added = middleware
    }
}

extension Program {
    /// The middlewares that routers can name.
    var middlewares: [any Middleware.Type] { additions(as: (any Middleware.Type).self) }
}
