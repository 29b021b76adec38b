package import HTTPServing
public import WippyRuntime

/// The kinds that serve HTTP.
public enum HTTPKinds {
    /// The kinds of servers, routers and endpoints, and the middleware `cors`.
    public static var all: [any ProgramPart] {
        [HTTPEndpointKind(), HTTPRouterKind(), HTTPServiceKind(), MiddlewarePart<CORSMiddleware>()]
    }

    /// Makes the responder of an endpoint from its function.
    package typealias Wrapping = @Sendable (Link<any HTTPResponder>) -> Link<any HTTPResponder>

    /// The kind of endpoints, with code around each of their functions.
    package static func endpoint(_ wrap: @escaping Wrapping) -> any EntryKind { HTTPEndpointKind(wrap: wrap) }
}
