public import HTTPServing
public import WippyDefinition
public import WippyRuntime
public import WippyValues

/// The config of an endpoint of any kind.
///
/// Lint finds colliding routes among the endpoints that have such a config.
public protocol HTTPEndpointConfig: Sendable {
    /// The method that the endpoint answers.
    ///
    /// An endpoint for GET also answers the HEAD requests that no other endpoint answers.
    var method: HTTPMethod { get }

    /// The path below the prefix of the endpoint's router.
    var path: RoutePattern { get }

    /// The name of the field with the path.
    static var pathField: String { get }

    /// The limits of the endpoint itself. Default: none.
    var limits: RouteLimits { get }

    /// An example of a request's body, for tools such as `verify crash`.
    ///
    /// A tool sends a text as it is, and any other value as JSON.
    ///
    /// Default: nil.
    var example: Value? { get }
}

extension HTTPEndpointConfig {
    /// The usual name of the field with the path: `path`.
    public static var pathField: String { "path" }

    /// No limits of its own, so those of the router and the server apply.
    public var limits: RouteLimits { .unwritten }

    /// No example.
    public var example: Value? { nil }
}

/// Answers one method on one path of a router.
///
/// A kind with this component reads `fields.attachment("meta.router", .router, "…")`, and its config conforms to
/// ``HTTPEndpointConfig``.
public struct HTTPEndpoint: Sendable {
    let method: HTTPMethod
    let path: RoutePattern
    let limits: RouteLimits
    let responder: Link<any HTTPResponder>

    /// Creates the endpoint of an entry.
    ///
    /// - Parameters:
    ///   - entry: the endpoint's entry.
    ///   - responder: answers the requests. It gets them with the parameters of the path.
    public init(_ entry: Entry<some HTTPEndpointConfig>, responder: Link<any HTTPResponder>) {
        method = entry.config.method
        path = entry.config.path
        limits = entry.config.limits
        self.responder = responder
    }
}

extension Contract where Offered == HTTPEndpoint {
    /// The contract of an entry that answers one method on one path of a router.
    ///
    /// The config of a kind that offers it must be an ``HTTPEndpointConfig``.
    public static var endpoint: Self { Contract("an HTTP endpoint") }
}

extension EntryKind where Component == HTTPEndpoint {
    /// Offers the endpoint to its router.
    public func offers(_ entry: Entry<Config>) -> [Offer<HTTPEndpoint>] { [Offer(.endpoint) { $0 }] }
}
