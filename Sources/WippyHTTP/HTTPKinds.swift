public import WippyRuntime

/// The kinds that serve HTTP.
public enum HTTPKinds {
    /// Servers, routers and endpoints, and the middleware that routers can name.
    public static var all: [any EntryKind] {
        [HTTPEndpointKind(), HTTPRouterKind(), HTTPServiceKind(), MiddlewareKind<CORSMiddleware>()]
    }
}
