import HTTPServing
import WippyText

/// `cors`: lets pages of other origins read the answers.
///
/// A preflight from an allowed origin is answered here; anything else goes on, and the answer, error answers included,
/// gets the headers if the origin is allowed. Other origins are served without them, not blocked.
///
/// Source: the HTTP middleware reference, and the Fetch standard's CORS protocol.
struct CORSMiddleware: Middleware {
    static let name: ExactText = "cors"

    static let options = [
        MiddlewareOption(
            "cors.allow.origins", olderName: "allow_origins", default: "*",
            "Origins with commas between: *, an exact origin, *.example.com, or localhost with any port."),
        MiddlewareOption(
            "cors.allow.methods", olderName: "allow_methods", default: "GET,POST,PUT,DELETE,OPTIONS,PATCH",
            "Methods that a preflight allows."),
        MiddlewareOption(
            "cors.allow.headers", olderName: "allow_headers",
            default: "Origin,Content-Type,Accept,Authorization,X-Requested-With",
            "Request headers that a preflight allows."),
        MiddlewareOption(
            "cors.expose.headers", olderName: "expose_headers", default: "",
            "Response headers that the page may read."),
        MiddlewareOption(
            "cors.allow.credentials", olderName: "allow_credentials", default: "false",
            "Whether cookies and credentials may be sent."),
        MiddlewareOption(
            "cors.max.age", olderName: "max_age", default: "86400", "Seconds for which a preflight may be remembered."),
        MiddlewareOption(
            "cors.allow.private.network", olderName: "allow_private_network", default: "false",
            "Whether pages of the public network may ask."),
    ]

    private let origins: OriginRules
    private let actual: [(name: HTTPFieldName, value: String)]
    private let preflight: [(name: HTTPFieldName, value: String)]
    private let allowsPrivateNetwork: Bool

    init(_ options: MiddlewareOptions) {
        origins = OriginRules(options.list("cors.allow.origins"))
        allowsPrivateNetwork = options["cors.allow.private.network"] == "true"
        var common: [(name: HTTPFieldName, value: String)] = []
        if options["cors.allow.credentials"] == "true" { common.append(("Access-Control-Allow-Credentials", "true")) }
        let exposed = options["cors.expose.headers"]
        actual = exposed.isEmpty ? common : common + [("Access-Control-Expose-Headers", exposed)]
        preflight =
            common + [
                ("Access-Control-Allow-Methods", options["cors.allow.methods"]),
                ("Access-Control-Allow-Headers", options["cors.allow.headers"]),
                ("Access-Control-Max-Age", options["cors.max.age"]),
            ]
    }

    func respond(
        to request: HTTPRequest, next: (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let fields = request.head.fields
        guard let origin = fields[.origin], origins.allow(origin) else { return try await next(request) }
        guard request.head.method == .options, fields.contains("Access-Control-Request-Method") else {
            var response = try await next(request)
            try add(actual, to: &response, for: origin, varyingBy: "Origin")
            return response
        }
        var response = HTTPResponse(status: .noContent)
        let vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        try add(preflight, to: &response, for: origin, varyingBy: vary)
        if allowsPrivateNetwork, fields["Access-Control-Request-Private-Network"] == "true" {
            try response.fields.set("Access-Control-Allow-Private-Network", "true")
        }
        return response
    }

    private func add(
        _ fields: [(name: HTTPFieldName, value: String)], to response: inout HTTPResponse, for origin: String,
        varyingBy vary: String
    ) throws {
        try response.fields.set("Access-Control-Allow-Origin", origin)
        try response.fields.append(.vary, vary)
        for (name, value) in fields { try response.fields.set(name, value) }
    }
}

/// Which origins a router allows.
private struct OriginRules: Sendable {
    private let allowsAll: Bool
    private let exact: Set<ExactText>
    private let suffixes: [String]
    private let allowsLocalhost: Bool

    init(_ rules: [String]) {
        allowsAll = rules.contains("*")
        allowsLocalhost = rules.contains("localhost")
        suffixes = rules.filter { $0.hasExactPrefix("*.") }.map { $0.dropping("*") }
        exact = Set(rules.map { ExactText($0) })
    }

    func allow(_ origin: String) -> Bool {
        allowsAll || exact.contains(ExactText(origin)) || suffixes.contains { origin.hasExactSuffix($0) }
            || (allowsLocalhost && isLocalhost(origin))
    }

    private func isLocalhost(_ origin: String) -> Bool {
        ["http://localhost", "https://localhost"].contains { origin == $0 || origin.hasExactPrefix($0 + ":") }
    }
}
