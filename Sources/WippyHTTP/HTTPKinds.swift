package import HTTPServing
public import WippyRuntime

/// The kinds that serve HTTP.
public enum HTTPKinds {
    /// Servers, routers and endpoints, and the middleware that routers can name.
    public static var all: [any EntryKind] {
        [HTTPEndpointKind(), HTTPRouterKind(), HTTPServiceKind(), MiddlewareKind<CORSMiddleware>()]
    }

    /// Makes what answers an endpoint's requests of its function.
    package typealias Wrapping = @Sendable (Link<any HTTPResponder>) -> Link<any HTTPResponder>

    /// The kind of endpoints, with something around each of their functions.
    package static func endpoint(_ wrap: @escaping Wrapping) -> any EntryKind { HTTPEndpointKind(wrap: wrap) }
}
