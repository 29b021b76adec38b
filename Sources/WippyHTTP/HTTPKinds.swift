public import WippyRuntime

/// The kinds that serve HTTP.
public enum HTTPKinds {
    /// The kinds of servers, routers and endpoints, and the middleware `cors`.
    public static var all: [any ProgramPart] {
        [HTTPEndpointKind(), HTTPRouterKind(), HTTPServiceKind(), MiddlewarePart(CORSMiddleware.self)]
    }
}
