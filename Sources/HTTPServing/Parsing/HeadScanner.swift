import WippyText

/// Reads the lines of a head, or of a trailer section, as they become complete.
///
/// Each call gets the bytes from the start of the head again, with more bytes at the end. The scanner remembers how
/// many bytes it has read. So a head that arrives byte by byte costs as much as a head that arrives at once.
///
/// A line ends with CR LF only. A bare CR or LF is an error, like every other control character. (RFC 9112, section
/// 2.2, lets a server accept a bare LF. Attackers smuggle requests through servers that do so.)
struct HeadScanner {
    private(set) var method = HTTPMethod.get
    private(set) var version = HTTPVersion.http11
    private(set) var target: RequestTarget?
    private(set) var lines: [HTTPFields.Line] = []
    /// True if an empty line preceded the request line.
    ///
    /// One such line is skipped (RFC 9112, section 2.2). A second one is an error.
    private(set) var hasSkippedLine = false

    private let section: Section
    private let maxBytes: Int
    private let maxLines: Int
    private var scanned = 0
    private var lineStart = 0

    enum Section {
        /// A request line, then fields.
        case head
        /// Fields alone.
        case trailers
    }

    enum Outcome {
        case needsMore
        /// The section has ended. The number is its length in bytes.
        case complete(Int)
        case failed(RequestFailure)
    }

    init(_ section: Section, limits: RequestLimits) {
        self.section = section
        maxBytes = section == .head ? limits.headerBytes : RequestLimits.trailerBytes
        maxLines = limits.headerFields
    }

    mutating func scan(_ bytes: Span<UInt8>) -> Outcome {
        let end = min(bytes.count, maxBytes)
        while true {
            scanned = Grammar.endOfFieldValue(bytes, in: scanned..<end)
            guard scanned < end else { break }
            guard bytes[scanned] == Grammar.cr else { return .failed(.controlCharacter) }
            guard scanned + 1 < bytes.count else { return .needsMore }
            guard bytes[scanned + 1] == Grammar.lf else { return .failed(.controlCharacter) }
            guard scanned + 2 <= maxBytes else { return .failed(tooLarge) }
            let line = lineStart..<scanned
            scanned += 2
            lineStart = scanned
            do throws(RequestFailure) {
                if try read(line, of: bytes) { return .complete(scanned) }
            } catch {
                return .failed(error)
            }
        }
        return scanned >= maxBytes ? .failed(tooLarge) : .needsMore
    }

    private var isAtRequestLine: Bool { section == .head && target == nil }

    private var tooLarge: RequestFailure {
        if section == .trailers { return .trailersTooLarge }
        return isAtRequestLine ? .targetTooLong : .fieldsTooLarge
    }

    /// Returns true if the line is the empty line that ends the section.
    private mutating func read(_ line: Range<Int>, of bytes: Span<UInt8>) throws(RequestFailure) -> Bool {
        if isAtRequestLine {
            if line.isEmpty, !hasSkippedLine {
                hasSkippedLine = true
            } else {
                try readRequestLine(line, of: bytes)
            }
            return false
        }
        if line.isEmpty { return true }
        try readFieldLine(line, of: bytes)
        return false
    }
}

extension HeadScanner {
    /// request-line = method SP request-target SP HTTP-version (RFC 9112, section 3).
    private mutating func readRequestLine(_ line: Range<Int>, of bytes: Span<UInt8>) throws(RequestFailure) {
        let methodEnd = Self.end(of: line, bytes)
        guard methodEnd > line.lowerBound, methodEnd < line.upperBound else {
            throw .malformed("the request line must be a method, a target and a version")
        }
        let token = Grammar.token
        for index in line.lowerBound..<methodEnd where !token.contains(bytes[index]) {
            throw .malformed("the method is invalid")
        }
        let rest = methodEnd + 1..<line.upperBound
        let targetEnd = Self.end(of: rest, bytes)
        guard targetEnd < rest.upperBound else {
            throw .malformed("the request line must be a method, a target and a version")
        }
        version = try Self.version(targetEnd + 1..<line.upperBound, of: bytes)
        method = HTTPMethod(token: line.lowerBound..<methodEnd, of: bytes)
        guard let target = RequestTarget(rest.lowerBound..<targetEnd, of: bytes, method: method) else {
            throw .malformed("the request target is invalid")
        }
        self.target = target
    }

    /// The index of the first space in the range, or the range's end.
    private static func end(of range: Range<Int>, _ bytes: Span<UInt8>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, bytes[index] != Grammar.space { index += 1 }
        return index
    }

    /// HTTP-version = "HTTP" "/" DIGIT "." DIGIT, in capitals (RFC 9112, section 2.3).
    private static func version(_ range: Range<Int>, of bytes: Span<UInt8>) throws(RequestFailure) -> HTTPVersion {
        let major = range.lowerBound + 5
        guard range.count == 8, Grammar.equal(range.lowerBound..<major, of: bytes, "HTTP/"),
            bytes[major].isDigit, bytes[major + 1] == UInt8(ascii: "."), bytes[major + 2].isDigit
        else { throw .malformed("the version is not of the form HTTP/1.1") }
        guard bytes[major] == UInt8(ascii: "1") else {
            throw .malformed("the server supports only HTTP/1.1 and HTTP/1.0")
        }
        return bytes[major + 2] == UInt8(ascii: "0") ? .http10 : .http11
    }

    /// field-line = field-name ":" OWS field-value OWS (RFC 9112, section 5).
    private mutating func readFieldLine(_ line: Range<Int>, of bytes: Span<UInt8>) throws(RequestFailure) {
        let token = Grammar.token
        var colon = line.lowerBound
        while colon < line.upperBound, token.contains(bytes[colon]) { colon += 1 }
        // White space before the name would be obsolete line folding. White space after the name could hide the field
        // from another server. Both are 400 (RFC 9112, sections 5.1 and 5.2).
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw .malformed("a header line must be a name, a colon and a value")
        }
        guard lines.count < maxLines else {
            throw section == .head ? .tooManyFields : .trailersTooLarge
        }
        let value = Grammar.trimmed(colon + 1..<line.upperBound, of: bytes)
        // Most heads have fewer lines, so their list grows once.
        if lines.isEmpty, section == .head { lines.reserveCapacity(12) }
        lines.append(
            HTTPFields.Line(
                nameStart: UInt32(line.lowerBound), valueStart: UInt32(value.lowerBound),
                valueLength: UInt32(value.count), nameLength: UInt32(colon - line.lowerBound),
                known: KnownField(name: bytes.extracting(line.lowerBound..<colon))))
    }
}
