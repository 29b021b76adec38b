/// A form with files, as browsers send it: a body of the media type `multipart/form-data` (RFC 7578).
public struct MultipartForm: Sendable {
    /// A field of the form, or a file.
    public struct Part: Sendable {
        /// The field's name.
        public let name: String
        /// The name of the file, without folders; nil if there is none.
        public let fileName: String?
        /// The header fields of the part.
        public let fields: HTTPFields
        /// The value of the field, or the content of the file.
        public let content: ArraySlice<UInt8>
    }

    /// The largest number of ``parts`` in a form: 1000.
    public static let maxParts = 1000

    /// The lengths that a boundary can have (RFC 2046, section 5.1.1).
    fileprivate static let boundaryLengths = 1...70

    /// The parts in the order of the form.
    ///
    /// A part is left out if it has no name, or if its `Content-Disposition` is not `form-data`.
    public let parts: [Part]

    /// Reads a form.
    ///
    /// - Parameters:
    ///   - body: the whole body.
    ///   - contentType: the value of the request's `Content-Type`, which contains the boundary between the parts.
    /// - Throws: `MultipartFormError` when the body cannot be read as a form.
    public init(_ body: [UInt8], contentType: String) throws(MultipartFormError) {
        let type = MediaType(contentType)
        guard type.name == "multipart/form-data" else { throw .wrongType }
        guard let boundary = type["boundary"], Self.boundaryLengths.contains(boundary.utf8.count) else {
            throw .noBoundary
        }
        var scanner = try PartScanner(body, boundary: boundary)
        var parts: [Part] = []
        while let (fields, content) = try scanner.next() {
            guard let disposition = fields["Content-Disposition"].map({ MediaType($0) }),
                disposition.name == "form-data", let name = disposition["name"], !name.isEmpty
            else { continue }
            guard parts.count < Self.maxParts else { throw .tooManyParts }
            let fileName = disposition["filename"].map { Self.withoutFolders($0) }.flatMap { $0.isEmpty ? nil : $0 }
            parts.append(Part(name: name, fileName: fileName, fields: fields, content: content))
        }
        self.parts = parts
    }

    /// The text after the last slash or backslash.
    private static func withoutFolders(_ path: String) -> String {
        let start = path.utf8.lastIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        return start.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }
}

/// The reasons why a body cannot be read as a form.
public enum MultipartFormError: Error, Sendable, CustomStringConvertible {
    /// The media type is not `multipart/form-data`.
    case wrongType
    /// The media type has no boundary of 1 to 70 bytes.
    case noBoundary
    /// The body ends in the head of a part, or before the last boundary.
    case cutOff
    /// The head of a part is malformed, or longer than 16 KiB.
    case malformedHead
    /// The form has more than ``MultipartForm/maxParts`` parts.
    case tooManyParts

    /// The error as a sentence for the sender of the form.
    public var description: String {
        switch self {
        case .wrongType: "the content is not multipart/form-data"
        case .noBoundary:
            "the Content-Type has no boundary of \(MultipartForm.boundaryLengths.lowerBound) to "
                + "\(MultipartForm.boundaryLengths.upperBound) characters"
        case .cutOff: "the form ends before its last boundary"
        case .malformedHead: "the head of a part is malformed"
        case .tooManyParts: "the form has more than \(MultipartForm.maxParts) parts"
        }
    }
}

/// Splits a body at its boundary.
private struct PartScanner {
    /// The largest number of bytes in the head of a part.
    private static let maxHeadBytes = 16 * 1024

    private let body: [UInt8]
    /// The boundary with the line end and the hyphens before it, which do not belong to the content.
    private let delimiter: [UInt8]
    /// The index at which the next part begins, after a boundary's line; nil after the last part.
    private var start: Int?

    init(_ body: [UInt8], boundary: String) throws(MultipartFormError) {
        self.body = body
        delimiter = Array("\r\n--\(boundary)".utf8)
        // The first boundary may have no line end before it.
        let opening = delimiter.dropFirst(2)
        var first = body.starts(with: opening) ? following(opening.count) : .other
        if case .other = first { first = try nextBoundary(from: 0).following }
        start = first.part
    }

    /// The head and the content of the next part; nil after the last one.
    mutating func next() throws(MultipartFormError) -> (HTTPFields, ArraySlice<UInt8>)? {
        guard let start else { return nil }
        // The search begins at the end of the boundary's line, because a part may have no head.
        guard let head = Grammar.offset(of: Grammar.emptyLine, in: body.span, from: start - 2) else {
            // If no boundary follows, the form is cut off.
            _ = try nextBoundary(from: start - 2)
            throw .malformedHead
        }
        guard head - start <= Self.maxHeadBytes else { throw .malformedHead }
        guard let fields = HTTPFields(lines: body[start..<max(head, start)]) else { throw .malformedHead }
        let content = head + 4
        let end = try nextBoundary(from: content - 2)
        self.start = end.following.part
        return (fields, body[content..<max(end.place, content)])
    }

    private func nextBoundary(from start: Int) throws(MultipartFormError) -> (place: Int, following: Following) {
        var start = start
        while let place = Grammar.offset(of: delimiter, in: body.span, from: start) {
            switch following(place + delimiter.count) {
            case .other: start = place + 1
            case let following: return (place, following)
            }
        }
        throw .cutOff
    }

    /// The bytes after a boundary.
    private enum Following {
        /// Two hyphens: the boundary was the last one.
        case end
        /// The end of the boundary's line, after which a part begins.
        case part(at: Int)
        /// Something else, so the text before it is not a boundary.
        case other

        /// The place where the next part begins.
        var part: Int? { if case .part(let start) = self { start } else { nil } }
    }

    private func following(_ index: Int) -> Following {
        let rest = body[index...]
        if rest.starts(with: "--".utf8) { return .end }
        let end = rest.drop { $0 == Grammar.space || $0 == Grammar.tab }
        return end.starts(with: "\r\n".utf8) ? .part(at: end.startIndex + 2) : .other
    }
}
