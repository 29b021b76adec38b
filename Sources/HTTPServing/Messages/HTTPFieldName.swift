/// The name of a header field (RFC 9110, section 5.1).
///
/// Names are compared without case.
public struct HTTPFieldName: Sendable, Hashable, CustomStringConvertible {
    /// The name in its original spelling.
    public let spelling: String
    let known: KnownField
    /// True if the name is a token.
    ///
    /// Only a name from a literal can be false here.
    let isToken: Bool

    /// Creates a name; nil if the text is not a token (RFC 9110, section 5.6.2).
    public init?(_ spelling: String) {
        guard Grammar.isToken(spelling.utf8) else { return nil }
        self.spelling = spelling
        known = KnownField(name: spelling.utf8.span)
        isToken = true
    }

    init(_ known: KnownField) {
        self.known = known
        spelling = known.spelling
        isToken = true
    }

    private init(noToken text: String) {
        spelling = text
        known = .other
        isToken = false
    }

    /// The name in its original spelling.
    public var description: String { spelling }

    /// True if the names are equal, apart from case.
    public static func == (left: Self, right: Self) -> Bool {
        guard left.known == right.known else { return false }
        if left.known != .other { return true }
        let bytes = left.spelling.utf8.span
        return Grammar.equalIgnoringCase(0..<bytes.count, of: bytes, right.spelling)
    }

    /// Hashes the name without the case of its letters.
    public func hash(into hasher: inout Hasher) {
        for byte in spelling.utf8 { hasher.combine(Grammar.lowercased(byte)) }
    }
}

extension HTTPFieldName: ExpressibleByStringLiteral {
    /// Creates a name from a literal.
    ///
    /// If the literal is not a token, setting a field with this name throws. For a name that is not a literal, use
    /// ``init(_:)``.
    public init(stringLiteral value: StaticString) {
        self = Self(value.description) ?? Self(noToken: value.description)
    }
}

extension HTTPFieldName {
    /// `Accept`.
    public static var accept: Self { Self(.accept) }
    /// `Allow`.
    public static var allow: Self { Self(.allow) }
    /// `Authorization`.
    public static var authorization: Self { Self(.authorization) }
    /// `Cache-Control`.
    public static var cacheControl: Self { Self(.cacheControl) }
    /// `Connection`.
    public static var connection: Self { Self(.connection) }
    /// `Content-Length`.
    public static var contentLength: Self { Self(.contentLength) }
    /// `Content-Type`.
    public static var contentType: Self { Self(.contentType) }
    /// `Cookie`.
    public static var cookie: Self { Self(.cookie) }
    /// `Date`.
    public static var date: Self { Self(.date) }
    /// `Expect`.
    public static var expect: Self { Self(.expect) }
    /// `Host`.
    public static var host: Self { Self(.host) }
    /// `Location`.
    public static var location: Self { Self(.location) }
    /// `Origin`.
    public static var origin: Self { Self(.origin) }
    /// `Transfer-Encoding`.
    public static var transferEncoding: Self { Self(.transferEncoding) }
    /// `User-Agent`.
    public static var userAgent: Self { Self(.userAgent) }
    /// `Vary`.
    public static var vary: Self { Self(.vary) }
    /// `X-Request-Id`.
    public static var requestID: Self { Self(.requestID) }
}

/// Names that the parser recognises while it reads a head.
///
/// A later look-up compares one byte.
enum KnownField: UInt8, Sendable {
    case other
    case accept
    case allow
    case authorization
    case cacheControl
    case connection
    case contentLength
    case contentType
    case cookie
    case date
    case expect
    case host
    case keepAlive
    case location
    case origin
    case requestID
    case transferEncoding
    case userAgent
    case vary

    init(name: Span<UInt8>) {
        self = name.isEmpty ? .other : Self.candidate(length: name.count, first: name[0] | 0x20)
        if self != .other, !Grammar.equalIgnoringCase(0..<name.count, of: name, spelling) { self = .other }
    }

    /// The only name of the list that has this length and begins with this letter.
    private static func candidate(length: Int, first: UInt8) -> Self {
        switch (length, first) {
        case (4, UInt8(ascii: "d")): .date
        case (4, UInt8(ascii: "h")): .host
        case (4, UInt8(ascii: "v")): .vary
        case (5, UInt8(ascii: "a")): .allow
        case (6, UInt8(ascii: "a")): .accept
        case (6, UInt8(ascii: "c")): .cookie
        case (6, UInt8(ascii: "e")): .expect
        case (6, UInt8(ascii: "o")): .origin
        case (8, UInt8(ascii: "l")): .location
        case (10, UInt8(ascii: "c")): .connection
        case (10, UInt8(ascii: "k")): .keepAlive
        case (10, UInt8(ascii: "u")): .userAgent
        case (12, UInt8(ascii: "c")): .contentType
        case (12, UInt8(ascii: "x")): .requestID
        case (13, UInt8(ascii: "a")): .authorization
        case (13, UInt8(ascii: "c")): .cacheControl
        case (14, UInt8(ascii: "c")): .contentLength
        case (17, UInt8(ascii: "t")): .transferEncoding
        default: .other
        }
    }

    var spelling: String {
        switch self {
        case .other: ""
        case .accept: "Accept"
        case .allow: "Allow"
        case .authorization: "Authorization"
        case .cacheControl: "Cache-Control"
        case .connection: "Connection"
        case .contentLength: "Content-Length"
        case .contentType: "Content-Type"
        case .cookie: "Cookie"
        case .date: "Date"
        case .expect: "Expect"
        case .host: "Host"
        case .keepAlive: "Keep-Alive"
        case .location: "Location"
        case .origin: "Origin"
        case .requestID: "X-Request-Id"
        case .transferEncoding: "Transfer-Encoding"
        case .userAgent: "User-Agent"
        case .vary: "Vary"
        }
    }
}
