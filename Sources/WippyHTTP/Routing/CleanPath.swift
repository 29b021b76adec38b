import HTTPServing

/// A path without empty segments and without `.` and `..`.
///
/// A request for an unclean path is redirected to it.
///
/// An encoded dot (`%2e`) counts as a dot, as it does for browsers and proxies.
struct CleanPath {
    /// The path in the percent-encoding in which it came.
    let bytes: [UInt8]

    /// Creates the clean form of a path.
    ///
    /// Returns nil if the path is clean already.
    ///
    /// Both paths are percent-encoded.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard Self.isUnclean(bytes) else { return nil }
        var segments: [ArraySlice<UInt8>] = []
        let parts = bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for part in parts {
            switch DotSegment(part) {
            case .parent: _ = segments.popLast()
            case .itself: break
            case nil: if !part.isEmpty { segments.append(part) }
            }
        }
        let endsOpen = parts.last.map { $0.isEmpty || DotSegment($0) != nil } ?? false
        let isClosed = segments.isEmpty || !endsOpen
        self.bytes =
            segments.isEmpty
            ? [UInt8(ascii: "/")]
            : segments.flatMap { [UInt8(ascii: "/")] + $0 }
                + (isClosed ? [] : [UInt8(ascii: "/")])
    }

    /// True if a slash is followed by another slash, or by a segment of one or two dots.
    private static func isUnclean(_ bytes: ArraySlice<UInt8>) -> Bool {
        let span = bytes.span
        for index in span.indices.dropLast() where span[index] == UInt8(ascii: "/") {
            switch span[index + 1] {
            case UInt8(ascii: "/"): return true
            case UInt8(ascii: "."), UInt8(ascii: "%"):
                if DotSegment(bytes.dropFirst(index + 1).prefix { $0 != UInt8(ascii: "/") }) != nil { return true }
            default: break
            }
        }
        return false
    }

    /// Returns a redirect to the clean path.
    ///
    /// Its status is 307, so the client repeats the method and the body.
    func redirect(keeping query: String?) throws -> HTTPResponse {
        try Self.redirect(to: String(decoding: bytes, as: UTF8.self), keeping: query)
    }

    static func redirect(to path: String, keeping query: String?) throws -> HTTPResponse {
        // A browser takes a backslash for a slash. It would take the text after two of them for another host.
        let path = path.replacing("\\", with: "%5C")
        var response = HTTPResponse(status: .temporaryRedirect)
        try response.fields.set(.location, query.map { "\(path)?\($0)" } ?? path)
        return response
    }
}

/// A segment of one or two dots, encoded or not.
enum DotSegment {
    case itself
    case parent

    /// Returns nil for every other segment.
    init?(_ segment: ArraySlice<UInt8>) {
        var rest = segment
        var dots = 0
        while dots < 3, let first = rest.first {
            if first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
            } else if rest.prefix(3).elementsEqual("%2e".utf8) || rest.prefix(3).elementsEqual("%2E".utf8) {
                rest = rest.dropFirst(3)
            } else {
                return nil
            }
            dots += 1
        }
        guard rest.isEmpty else { return nil }
        switch dots {
        case 1: self = .itself
        case 2: self = .parent
        default: return nil
        }
    }
}
