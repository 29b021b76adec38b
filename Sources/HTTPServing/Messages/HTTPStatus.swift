/// The status of a response: three digits (RFC 9110, section 15).
public struct HTTPStatus: Sendable, Hashable, CustomStringConvertible {
    /// The code, which is in ``codes``.
    public let code: Int

    /// The codes that a status can have.
    public static let codes = 100...999

    /// Creates a status; nil if the code is not in ``codes``.
    public init?(code: Int) {
        guard Self.codes ~= code else { return nil }
        self.code = code
    }

    private init(_ code: Int) {
        self.code = code
    }

    /// The code and its phrase, such as "404 Not Found".
    public var description: String { "\(code) \(reasonPhrase)" }

    /// True if a response with this status never has content: 1xx, 204 and 304 (RFC 9110, section 6.4.1).
    public var forbidsContent: Bool { code < 200 || code == 204 || code == 304 }

    /// 100: tells the client to send the content that it announced.
    public static var `continue`: Self { Self(100) }
    /// 200: success.
    public static var ok: Self { Self(200) }
    /// 201: the request has created a resource.
    public static var created: Self { Self(201) }
    /// 202: the request is accepted, and its work is not done yet.
    public static var accepted: Self { Self(202) }
    /// 204: success; the response has no content.
    public static var noContent: Self { Self(204) }
    /// 301: the resource has permanently moved to another address.
    public static var movedPermanently: Self { Self(301) }
    /// 302: the resource is at another address for now.
    public static var found: Self { Self(302) }
    /// 303: the client should read the answer with GET at another address.
    public static var seeOther: Self { Self(303) }
    /// 304: the client's copy is current; the response has no content.
    public static var notModified: Self { Self(304) }
    /// 307: the client should repeat this request at another address.
    public static var temporaryRedirect: Self { Self(307) }
    /// 308: the client should repeat this request at another address, and send all later ones there.
    public static var permanentRedirect: Self { Self(308) }
    /// 400: the request is not valid HTTP, or the resource cannot accept it.
    public static var badRequest: Self { Self(400) }
    /// 401: the client has to say who it is.
    public static var unauthorized: Self { Self(401) }
    /// 403: the client may not do this.
    public static var forbidden: Self { Self(403) }
    /// 404: the resource does not exist.
    public static var notFound: Self { Self(404) }
    /// 405: the resource does not have this method.
    ///
    /// The response needs an `Allow` field.
    public static var methodNotAllowed: Self { Self(405) }
    /// 406: the resource has no content in a form that the client accepts.
    public static var notAcceptable: Self { Self(406) }
    /// 408: the request came too slowly.
    public static var requestTimeout: Self { Self(408) }
    /// 409: the request conflicts with the state of the resource.
    public static var conflict: Self { Self(409) }
    /// 410: the resource no longer exists.
    public static var gone: Self { Self(410) }
    /// 413: the request's body is too large.
    public static var contentTooLarge: Self { Self(413) }
    /// 414: the request target is too long.
    public static var uriTooLong: Self { Self(414) }
    /// 415: the resource does not accept the media type of the body.
    public static var unsupportedMediaType: Self { Self(415) }
    /// 417: the server cannot do what the request's `Expect` field asks for.
    public static var expectationFailed: Self { Self(417) }
    /// 422: the content is well-formed, but its meaning is invalid.
    public static var unprocessableContent: Self { Self(422) }
    /// 429: the client has sent too many requests.
    public static var tooManyRequests: Self { Self(429) }
    /// 431: the header fields are too large, or too many.
    public static var requestHeaderFieldsTooLarge: Self { Self(431) }
    /// 500: the server has failed.
    public static var internalServerError: Self { Self(500) }
    /// 501: the server does not support this feature.
    public static var notImplemented: Self { Self(501) }
    /// 502: a server behind this one has given an invalid answer.
    public static var badGateway: Self { Self(502) }
    /// 503: the server cannot answer now, or a responder took too long.
    public static var serviceUnavailable: Self { Self(503) }
    /// 504: a server behind this one took too long.
    public static var gatewayTimeout: Self { Self(504) }
    /// 505: the server does not support this major version of HTTP.
    public static var httpVersionNotSupported: Self { Self(505) }
}

extension HTTPStatus {
    /// The status line with its line end.
    var line: [UInt8] {
        let lines = Self.lines
        return lines.indices.contains(code - 200) ? lines[code - 200] : Self.line(code, reasonPhrase)
    }

    /// The status lines from 200 to 511, made once for all responses.
    private static let lines = (200...511).map { line($0, Self($0).reasonPhrase) }

    private static func line(_ code: Int, _ phrase: String) -> [UInt8] {
        Array("HTTP/1.1 \(code) \(phrase)\r\n".utf8)
    }

    /// The phrase for the code in the status line, such as "Not Found"; "Unknown" for a code that the server does not
    /// know.
    public var reasonPhrase: String {
        switch code {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 203: "Non-Authoritative Information"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 300: "Multiple Choices"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400...499: clientErrorPhrase
        case 500...599: serverErrorPhrase
        default: "Unknown"
        }
    }

    private var clientErrorPhrase: String {
        switch code {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 407: "Proxy Authentication Required"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 451: "Unavailable For Legal Reasons"
        default: "Unknown"
        }
    }

    private var serverErrorPhrase: String {
        switch code {
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 511: "Network Authentication Required"
        default: "Unknown"
        }
    }
}
