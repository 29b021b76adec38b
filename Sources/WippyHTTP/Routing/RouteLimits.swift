import HTTPServing
public import WippyDefinition

/// The limits of a router for its endpoints, or of one endpoint.
///
/// Nil means that the limit of the router or of the server applies.
public struct RouteLimits: Sendable, Hashable {
    /// The largest number of bytes in the body of a request; nil for the router's or the server's limit.
    public let body: ByteCount?

    /// The longest time that the function may take; zero for no limit, nil for the router's or the server's limit.
    public let handlerTimeout: Duration?

    /// No limits, so those of the router or the server apply.
    public static let unwritten = RouteLimits(body: nil, handlerTimeout: nil)

    /// The range of the field `limits.body`.
    static let bodyRange = ByteCount.range(of: RequestLimits.bodyBytesRange)

    /// Reads the fields `limits.body` and `timeouts.handler`.
    ///
    /// - Parameters:
    ///   - fields: reads the fields.
    ///   - isRouter: true for the limits of a router; false for those of an endpoint. Default: false.
    public init(from fields: inout FieldReader, isRouter: Bool = false) {
        body = fields.optional(
            "limits.body", in: Self.bodyRange,
            defaultsTo: isRouter ? "the server's value" : "the router's value, else the server's",
            "The largest body of a request.")
        let standard = HTTPServerSettings.Timeouts().responder?.written ?? "0"
        handlerTimeout = fields.optional(
            "timeouts.handler", in: .zero...HTTPServerSettings.Timeouts.range.upperBound,
            defaultsTo: isRouter ? standard : "the router's value, else \(standard)",
            "The longest time that the function of an endpoint may take to answer. After that, the answer is 503. 0 "
                + "disables the limit.")
    }

    private init(body: ByteCount?, handlerTimeout: Duration?) {
        self.body = body
        self.handlerTimeout = handlerTimeout
    }

    /// Returns these limits, with the other limits in place of those that are nil.
    func filled(by other: RouteLimits) -> RouteLimits {
        RouteLimits(body: body ?? other.body, handlerTimeout: handlerTimeout ?? other.handlerTimeout)
    }
}

extension ByteCount {
    /// Returns a range of sizes from a range of numbers of bytes.
    static func range(of bytes: ClosedRange<Int>) -> ClosedRange<ByteCount> {
        ByteCount(bytes.lowerBound)...ByteCount(bytes.upperBound)
    }
}
