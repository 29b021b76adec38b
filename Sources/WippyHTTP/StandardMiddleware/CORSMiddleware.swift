import HTTPServing
import WippyDefinition
import WippyText

/// `cors`: lets pages of other origins read the answers.
///
/// The middleware answers a preflight from an allowed origin. Every other request passes. If its origin is allowed, the
/// answer gets the headers, even an error answer. Requests from other origins are served without the headers. They are
/// not blocked.
///
/// Source: the HTTP middleware reference, and the Fetch standard's CORS protocol.
struct CORSMiddleware: Middleware {
    static let name: ExactText = "cors"

    struct Options: EntryConfig {
        let origins: OriginRules
        let methods: OptionNames<MethodOptionName>
        let headers: OptionNames<FieldOptionName>
        let exposedHeaders: OptionNames<FieldOptionName>
        let allowsCredentials: Bool
        let maxAge: Int
        let allowsPrivateNetwork: Bool

        init(from fields: inout FieldReader) {
            fields.olderName("allow_origins", of: Field.origins)
            origins = fields.optional(
                Field.origins, default: .all,
                "The origins whose pages may read the answers. 'localhost' stands for that host with any port.")
            fields.olderName("allow_methods", of: Field.methods)
            methods = fields.optional(
                Field.methods, default: Self.methods,
                "The methods that the answer to a browser's preflight request allows. * means every method.")
            fields.olderName("allow_headers", of: Field.headers)
            headers = fields.optional(
                Field.headers, default: Self.headers,
                "The headers that the answer to a browser's preflight request allows. * means every header.")
            fields.olderName("expose_headers", of: Field.exposed)
            exposedHeaders = fields.optional(
                Field.exposed, default: OptionNames(names: []),
                "The headers that the page may read in an answer, besides those that browsers always let it read.")
            fields.olderName("allow_credentials", of: Field.credentials)
            allowsCredentials =
                fields.optional(
                    Field.credentials, default: OptionFlag(isOn: false),
                    "Whether pages may send cookies and credentials. It must be false if the origins are *."
                ).isOn
            fields.olderName("max_age", of: Field.maxAge)
            maxAge =
                fields.optional(
                    Field.maxAge, default: OptionSeconds(seconds: 86_400),
                    in: OptionSeconds(seconds: 0)...OptionSeconds(seconds: Int(Int32.max)),
                    "The time for which a browser may remember the answer to a preflight request."
                ).seconds
            fields.olderName("allow_private_network", of: Field.privateNetwork)
            allowsPrivateNetwork =
                fields.optional(
                    Field.privateNetwork, default: OptionFlag(isOn: false),
                    "Whether pages from the public network may send requests to this private one."
                ).isOn
            check(&fields)
        }

        /// The names of the options.
        private enum Field {
            static let origins = "cors.allow.origins"
            static let methods = "cors.allow.methods"
            static let headers = "cors.allow.headers"
            static let exposed = "cors.expose.headers"
            static let credentials = "cors.allow.credentials"
            static let maxAge = "cors.max.age"
            static let privateNetwork = "cors.allow.private.network"
        }

        private static let methods = OptionNames<MethodOptionName>(
            names: ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
        private static let headers = OptionNames<FieldOptionName>(
            names: ["Origin", "Content-Type", "Accept", "Authorization", "X-Requested-With"])

        private func check(_ fields: inout FieldReader) {
            if allowsCredentials, origins.allowsAll {
                fields.reject(
                    Field.credentials,
                    "must not be true while '\(Field.origins)' is '*': every site could then read answers with its "
                        + "visitor's cookies; list the origins, such as https://app.example.com")
            }
            if allowsCredentials, exposedHeaders.isEvery {
                fields.warn(
                    Field.exposed,
                    "has '*', which browsers ignore when credentials are sent; list the names")
            }
            for origin in origins.pastASCII {
                fields.warn(Field.origins, "has '\(origin)', but browsers send the ASCII form (xn--…)")
            }
            for host in origins.withoutScheme {
                fields.warn(Field.origins, "has '\(host)', which is not an origin; write 'https://\(host)'")
            }
        }
    }

    private let options: Options
    private let methods: String
    private let headers: String
    private let exposedHeaders: String
    private let maxAge: String

    init(_ options: Options) {
        self.options = options
        methods = options.methods.names.joined(separator: ",")
        headers = options.headers.names.joined(separator: ",")
        exposedHeaders = options.exposedHeaders.names.joined(separator: ",")
        maxAge = String(options.maxAge)
    }

    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? {
        guard Self.isPreflight(request), allowedOrigin(of: request) != nil else { return nil }
        return HTTPResponse(status: .noContent)
    }

    private static func isPreflight(_ request: HTTPRequest) -> Bool {
        request.head.method == .options && request.head.fields.contains("Access-Control-Request-Method")
    }

    /// The value of `Access-Control-Allow-Origin` for a request; nil if its origin is not allowed.
    private func allowedOrigin(of request: HTTPRequest) -> String? {
        guard let origin = request.head.fields[.origin], options.origins.allow(origin) else { return nil }
        // Every page can have the origin null, so it is never named. It is allowed only if all origins are.
        return ExactText.areEqual(origin, "null") ? "*" : origin
    }

    /// Sets the headers.
    ///
    /// Each value was checked with the options or comes from a request, so it can stand in a field.
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        let isPreflight = Self.isPreflight(request)
        vary(&response.fields, byRequest: isPreflight)
        guard let origin = allowedOrigin(of: request) else { return }
        try? response.fields.set("Access-Control-Allow-Origin", origin)
        if options.allowsCredentials { try? response.fields.set("Access-Control-Allow-Credentials", "true") }
        if isPreflight {
            completePreflight(&response.fields, to: request.head.fields)
        } else if !exposedHeaders.isEmpty {
            try? response.fields.set("Access-Control-Expose-Headers", exposedHeaders)
        }
    }

    /// The names of the headers on which the answer to a preflight depends.
    private static let preflightVary = ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"]

    /// Says in every answer that it depends on the origin, and in the answer to a preflight also on what is asked for.
    ///
    /// Otherwise a cache could give one origin's answer to another.
    private func vary(_ fields: inout HTTPFields, byRequest isPreflight: Bool) {
        let names = isPreflight ? Self.preflightVary : [HTTPFieldName.origin.spelling]
        guard let others = fields[.vary] else {
            try? fields.set(.vary, names.joined(separator: ", "))
            return
        }
        let said = others.lowercasedASCII.utf8.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }
        let missing = names.filter { name in
            !said.contains { $0.elementsEqual("*".utf8) || $0.elementsEqual(name.lowercasedASCII.utf8) }
        }
        guard !missing.isEmpty else { return }
        try? fields.set(.vary, ([others] + missing).joined(separator: ", "))
    }

    private func completePreflight(_ fields: inout HTTPFields, to request: HTTPFields) {
        let methods = options.methods.isEvery ? Self.asked("Access-Control-Request-Method", of: request) : methods
        if !methods.isEmpty { try? fields.set("Access-Control-Allow-Methods", methods) }
        let headers = options.headers.isEvery ? Self.asked("Access-Control-Request-Headers", of: request) : headers
        if !headers.isEmpty { try? fields.set("Access-Control-Allow-Headers", headers) }
        try? fields.set("Access-Control-Max-Age", maxAge)
        if options.allowsPrivateNetwork, request["Access-Control-Request-Private-Network"] == "true" {
            try? fields.set("Access-Control-Allow-Private-Network", "true")
        }
    }

    /// Returns the value that a preflight asks for.
    ///
    /// It is the answer if the options allow every value, because browsers do not take `*` for every value.
    private static func asked(_ name: HTTPFieldName, of request: HTTPFields) -> String { request[name] ?? "" }
}
