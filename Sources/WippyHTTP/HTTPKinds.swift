public import WippyRuntime

/// The kinds that serve HTTP.
public enum HTTPKinds {
    /// The kinds of servers, routers and endpoints, the middleware `cors`, and the check of the family.
    public static var all: [any ProgramPart] {
        [HTTPEndpointKind(), HTTPRouterKind(), HTTPServiceKind(), MiddlewarePart(CORSMiddleware.self), HTTPCheck()]
    }
}
