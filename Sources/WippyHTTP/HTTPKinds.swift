public import WippyRuntime

/// The kinds that serve HTTP.
public enum HTTPKinds {
    /// Servers, routers and endpoints.
    ///
    /// - Parameter middleware: what routers can name beside `cors`.
    public static func all(middleware: [any Middleware.Type] = []) -> [any EntryKind] {
        [HTTPEndpointKind(), HTTPRouterKind(middleware: [CORSMiddleware.self] + middleware), HTTPServiceKind()]
    }
}
