/// A request's line and fields (RFC 9112, sections 2 and 3).
///
/// Compact: the bytes that arrived, copied once, and where the parts stand in them. A string is made when a property
/// asks for it, so keep it rather than asking twice.
public struct HTTPRequestHead: Sendable {
    /// What is asked for.
    public let method: HTTPMethod
    /// The version of the message.
    public let version: HTTPVersion
    /// The fields, in order; in a request that was received, checked by the rules of RFC 9112.
    public var fields: HTTPFields

    let target: RequestTarget

    init(method: HTTPMethod, version: HTTPVersion, target: RequestTarget, fields: HTTPFields) {
        self.method = method
        self.version = version
        self.target = target
        self.fields = fields
    }

    /// A request that was not received from a client, in version 1.1; for tests and calls within the process.
    ///
    /// - Parameters:
    ///   - target: As in a request line: a path beginning with `/`, and a query if there is one; or a whole `http` URL.
    ///   - fields: May lack `Host`.
    /// - Returns: Nil if no request may have the target.
    public init?(method: HTTPMethod, target: String, fields: HTTPFields = HTTPFields()) {
        var fields = fields
        let start = fields.bytes.count
        fields.bytes.append(contentsOf: target.utf8)
        guard let target = RequestTarget(start..<fields.bytes.count, of: fields.bytes.span, method: method) else {
            return nil
        }
        self.init(method: method, version: .http11, target: target, fields: fields)
    }

    /// The request target as it was sent.
    public var requestTarget: String { text(target.whole) }

    /// The target's path as it was sent, percent-encoded; begins with `/`, or is `*`.
    ///
    /// Every `%` in it is followed by two hexadecimal digits.
    public var path: String { target.path.isEmpty ? "/" : text(target.path) }

    /// The bytes of `path`, without a copy; empty if the target is a URL without a path, which means `/`.
    public var pathBytes: ArraySlice<UInt8> { fields.bytes[target.path] }

    /// What follows the `?` of the target, as it was sent; nil if there is none.
    public var query: String? { target.query.map(text) }

    /// The bytes of `query`, without a copy.
    public var queryBytes: ArraySlice<UInt8>? { target.query.map { fields.bytes[$0] } }

    /// The segments of the path between its slashes, each decoded by itself, so that `%2F` does not separate.
    ///
    /// `/a/b` has two, `/a/b/` three of which the last is empty, `/` one that is empty.
    public var pathSegments: [String] {
        pathBytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { PercentEncoding.decode($0) ?? String(decoding: $0, as: UTF8.self) }
    }

    /// The query as the names and values of an HTML form, decoded, in order.
    ///
    /// A pair with a broken percent-encoding is left out.
    public var queryItems: [(name: String, value: String)] {
        (queryBytes ?? []).split(separator: UInt8(ascii: "&")).compactMap { pair in
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = PercentEncoding.decode(pair[..<end], plusIsSpace: true),
                let value = PercentEncoding.decode(pair[end...].dropFirst(), plusIsSpace: true)
            else { return nil }
            return (name, value)
        }
    }

    /// The host and port that are asked: the target's own if it is a URL (RFC 9112, section 3.2.2), else those of
    /// `Host`; nil in HTTP/1.0 without that field.
    public var authority: String? { target.authority.map(text) ?? fields[.host] }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: fields.bytes[range], as: UTF8.self)
    }
}
