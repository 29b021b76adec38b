public import HTTPServing
public import WippyDefinition
public import WippyRuntime

/// The config of an endpoint of any kind.
///
/// With this type, lint finds routes that collide.
public protocol HTTPEndpointConfig: Sendable {
    /// The method that it answers. GET also answers HEAD.
    var method: HTTPMethod { get }

    /// The path below the prefix of its router.
    var path: RoutePattern { get }

    /// The field with the path; by default `path`.
    static var pathField: String { get }

    /// Its own limits; by default those of its router.
    var limits: RouteLimits { get }
}

extension HTTPEndpointConfig {
    /// `path`.
    public static var pathField: String { "path" }

    /// By default those of its router.
    public var limits: RouteLimits { .unwritten }
}

/// Answers one method on one path of a router.
///
/// A kind with this component reads `fields.attachment("meta.router", .router, "…")`, and its config is an
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
    ///   - responder: answers the requests, which have the parameters of the path.
    public init(_ entry: Entry<some HTTPEndpointConfig>, responder: Link<any HTTPResponder>) {
        method = entry.config.method
        path = entry.config.path
        limits = entry.config.limits
        self.responder = responder
    }
}

extension Contract where Offered == HTTPEndpoint {
    /// An entry that answers one method on one path of a router.
    public static var endpoint: Self { Contract("an HTTP endpoint") }
}

extension EntryKind where Component == HTTPEndpoint {
    /// An endpoint of its router.
    public func offers(_ entry: Entry<Config>) -> [Offer<HTTPEndpoint>] { [Offer(.endpoint) { $0 }] }
}
