import HTTPServing
public import WippyDefinition

/// Limits of a router for its endpoints, or of an endpoint; nil means the limit of the router or the server.
public struct RouteLimits: Sendable, Hashable {
    /// The largest body of a request.
    public let body: ByteCount?

    /// How long the function may take; zero means no limit.
    public let handlerTimeout: Duration?

    /// No limits of its own.
    public static let unwritten = RouteLimits(body: nil, handlerTimeout: nil)

    /// How large a body may be allowed to be.
    static let bodyRange = ByteCount(0)...ByteCount(1 << 40)

    /// Reads the fields `limits.body` and `timeouts.handler`.
    public init(from fields: inout FieldReader) {
        body = fields.optional(
            "limits.body", in: Self.bodyRange, defaultsTo: "for an endpoint the router's value, else the server's",
            "The largest body of a request.")
        let standard = HTTPServerSettings.Timeouts().responder?.written ?? "0"
        handlerTimeout = fields.optional(
            "timeouts.handler", in: .zero ... .seconds(86_400),
            defaultsTo: "for an endpoint the router's value, else \(standard)",
            "The longest time that the function may take. After that, the answer is 503. 0 disables the limit.")
    }

    private init(body: ByteCount?, handlerTimeout: Duration?) {
        self.body = body
        self.handlerTimeout = handlerTimeout
    }

    /// These limits, and another's where these say nothing.
    func filled(by other: RouteLimits) -> RouteLimits {
        RouteLimits(body: body ?? other.body, handlerTimeout: handlerTimeout ?? other.handlerTimeout)
    }
}
