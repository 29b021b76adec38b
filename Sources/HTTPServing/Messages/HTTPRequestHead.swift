/// The request line and the header fields of a request (RFC 9112, sections 2 and 3).
///
/// A property such as ``path`` makes a new string every time you read it.
public struct HTTPRequestHead: Sendable {
    /// The method, such as GET.
    public let method: HTTPMethod
    /// The version of the message.
    public let version: HTTPVersion
    /// The header fields, in order.
    ///
    /// A change of them does not change the target or its parts, such as ``path``.
    public var fields: HTTPFields

    let target: RequestTarget
    /// The bytes with the target.
    ///
    /// For a received request, these are the bytes of the whole head. The fields share them until they are changed.
    private let bytes: [UInt8]

    /// Creates a head.
    ///
    /// - Parameter bytes: the bytes in which the ranges of `target` are.
    init(method: HTTPMethod, version: HTTPVersion, target: RequestTarget, in bytes: [UInt8], fields: HTTPFields) {
        self.method = method
        self.version = version
        self.target = target
        self.bytes = bytes
        self.fields = fields
    }

    /// Creates the head of an HTTP/1.1 request that no client sent, for tests and for calls within the process.
    ///
    /// - Parameters:
    ///   - method: the method, such as GET.
    ///   - target: the target as a request line has it: a path that begins with `/`, with or without a query; a whole
    ///     `http` or `https` URL; or `*` for OPTIONS.
    ///   - fields: the header fields. `Host` may be missing. Default: none.
    /// - Returns: nil if the target is invalid for a request with this method.
    public init?(method: HTTPMethod, target: String, fields: HTTPFields = HTTPFields()) {
        let bytes = Array(target.utf8)
        guard let target = RequestTarget(bytes.indices, of: bytes.span, method: method) else { return nil }
        self.init(method: method, version: .http11, target: target, in: bytes, fields: fields)
    }

    /// The request target as it was sent.
    public var requestTarget: String { text(target.whole) }

    /// The path as it was sent, percent-encoded.
    ///
    /// The path begins with `/`, or is `*`. For a URL without a path, it is `/`. Each `%` in it is followed by two
    /// hexadecimal digits.
    public var path: String { target.path.isEmpty ? "/" : text(target.path) }

    /// The bytes of ``path``, without a copy.
    ///
    /// They are empty for a URL without a path, for which ``path`` is `/`.
    public var pathBytes: ArraySlice<UInt8> { bytes[target.path] }

    /// The text after the `?`, as it was sent; nil if the target has no `?`.
    public var query: String? { target.query.map(text) }

    /// The bytes of ``query``, without a copy; nil if the target has no `?`.
    public var queryBytes: ArraySlice<UInt8>? { target.query.map { bytes[$0] } }

    /// The decoded segments of the path between its slashes.
    ///
    /// Each segment is decoded by itself, so `%2F` does not separate two segments.
    ///
    /// `/a/b` has two segments. `/a/b/` has three segments, and the last one is empty. `/` and `*` have one segment,
    /// which is empty.
    public var pathSegments: [String] {
        pathBytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { PercentEncoding.decode($0) ?? String(decoding: $0, as: UTF8.self) }
    }

    /// The names and values of the query in order, decoded like the query of an HTML form.
    ///
    /// Pairs that are empty or have a broken percent-encoding are left out.
    public var queryItems: [(name: String, value: String)] {
        (queryBytes ?? []).split(separator: UInt8(ascii: "&")).compactMap { pair in
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = PercentEncoding.decode(pair[..<end], plusIsSpace: true),
                let value = PercentEncoding.decode(pair[end...].dropFirst(), plusIsSpace: true)
            else { return nil }
            return (name, value)
        }
    }

    /// The requested host, with its port if the client sent one.
    ///
    /// If the target is a URL, the host comes from the target (RFC 9112, section 3.2.2). Otherwise it comes from the
    /// field `Host`, and is nil if that field is missing.
    public var authority: String? { target.authority.map(text) ?? fields[.host] }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}
