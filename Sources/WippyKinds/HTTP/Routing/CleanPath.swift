import HTTPServing

/// A path without empty, `.` and `..` segments: what a request for an unclean one is redirected to.
struct CleanPath {
    private let path: String

    /// The clean form of a path, percent-encoded as it came; nil when it is clean already.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard Self.isUnclean(bytes) else { return nil }
        var segments: [ArraySlice<UInt8>] = []
        let parts = bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for part in parts {
            if part.elementsEqual("..".utf8) {
                if !segments.isEmpty { segments.removeLast() }
            } else if !part.isEmpty, !part.elementsEqual(".".utf8) {
                segments.append(part)
            }
        }
        let text = "/" + segments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        let endsOpen =
            parts.last.map { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) } ?? false
        path = endsOpen && text != "/" ? text + "/" : text
    }

    /// Whether a slash is followed by another one or by a segment of one or two dots.
    private static func isUnclean(_ bytes: ArraySlice<UInt8>) -> Bool {
        let span = bytes.span
        for index in span.indices.dropLast() where span[index] == UInt8(ascii: "/") {
            if span[index + 1] == UInt8(ascii: "/") { return true }
            if span[index + 1] == UInt8(ascii: "."), isDots(bytes.dropFirst(index + 1)) { return true }
        }
        return false
    }

    private static func isDots(_ rest: ArraySlice<UInt8>) -> Bool {
        let segment = rest.prefix(3).prefix { $0 != UInt8(ascii: "/") }
        return segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8)
    }

    /// The redirect: 307, so that the client repeats the method and the body.
    func redirect(keeping query: String?) throws -> HTTPResponse {
        try Self.redirect(to: path, keeping: query)
    }

    static func redirect(to path: String, keeping query: String?) throws -> HTTPResponse {
        // A backslash is a slash to browsers, which would take what follows two of them for another host.
        let path = path.replacing("\\", with: "%5C")
        var response = HTTPResponse(status: .temporaryRedirect)
        try response.fields.set(.location, query.map { "\(path)?\($0)" } ?? path)
        return response
    }
}
