public import HTTPServing
public import WippyRuntime

/// The kinds that serve HTTP.
public enum HTTPKinds {
    /// The kinds of servers, routers and endpoints, and the middleware `cors`.
    public static var all: [any ProgramPart] {
        [HTTPEndpointKind(), HTTPRouterKind(), HTTPServiceKind(), MiddlewarePart(CORSMiddleware.self)]
    }

    /// Makes a responder that calls the function of an endpoint.
    ///
    /// It gets a responder that leads to the function, even after a reload has replaced the function.
    public typealias Wrapping = @Sendable (_ function: any HTTPResponder) -> any HTTPResponder

    /// Returns the kind of endpoints, with code around the function of each endpoint.
    ///
    /// The code runs in the task of the handler. So the code can set task-local values. A middleware cannot do that.
    /// Put the kind in the place of the usual one:
    ///
    /// ```swift
    /// kinds: .standard.replacing(with: [HTTPKinds.endpoint { Traced(function: $0) }])
    /// ```
    public static func endpoint(_ wrap: @escaping Wrapping) -> any EntryKind { HTTPEndpointKind(wrap: wrap) }
}
