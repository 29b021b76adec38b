/// The header fields of a message, in order (RFC 9110, section 5).
///
/// A name may occur several times. A value has no line end, so it cannot begin another field or message. When you read
/// a value as a string, invalid UTF-8 in it becomes U+FFFD.
public struct HTTPFields: Sendable {
    /// The bytes of every name and value.
    ///
    /// For a received request, these are the bytes of the whole head, until a field is removed.
    package internal(set) var bytes: [UInt8]
    var lines: [Line]

    /// The place of one field line in `bytes`, which is much shorter than 4 GiB.
    ///
    /// The bytes of a field that was set are as they are sent: `Name: value` and the line's end. The bytes of a
    /// received field are as they came, until a field is removed.
    struct Line: Sendable {
        var nameStart: UInt32
        var valueStart: UInt32
        var valueLength: UInt32
        var nameLength: UInt32
        var known: KnownField

        var name: Range<Int> { Int(nameStart)..<Int(nameStart) + Int(nameLength) }
        var value: Range<Int> { Int(valueStart)..<Int(valueStart) + Int(valueLength) }
        var whole: Range<Int> { name.lowerBound..<value.upperBound + 2 }
    }

    /// The largest number of bytes in a name that you set: 1024.
    public static let maxNameLength = 1024
    /// The largest number of bytes in a value that you set: 1 MiB.
    public static let maxValueLength = 1 << 20
    /// The largest number of bytes in all fields together: about 16 MiB.
    ///
    /// The number includes separators and other parts of a received head.
    public static let maxTotalLength = 16 << 20

    /// Creates an empty list of fields.
    public init() {
        bytes = []
        lines = []
    }

    /// Creates fields from names and values, in the given order.
    ///
    /// - Throws: `HTTPFieldError`, as ``append(_:_:)`` does.
    public init(_ fields: [(name: HTTPFieldName, value: String)]) throws(HTTPFieldError) {
        self.init()
        for field in fields { try append(field.name, field.value) }
    }

    init(bytes: [UInt8], lines: [Line]) {
        self.bytes = bytes
        self.lines = lines
    }

    /// The number of field lines.
    ///
    /// A repeated name counts each time.
    public var count: Int { lines.count }

    /// True if there are no fields.
    public var isEmpty: Bool { lines.isEmpty }

    /// The value of a field; nil if the field is missing.
    ///
    /// If several lines have the name, their values are joined by ", " (RFC 9110, section 5.3). The values of
    /// `Set-Cookie` cannot be joined: use ``values(of:)`` for them.
    public subscript(name: HTTPFieldName) -> String? {
        var found: String?
        for line in lines where matches(line, name) {
            let value = text(line.value)
            found = found.map { "\($0), \(value)" } ?? value
        }
        return found
    }

    /// The values of all lines with this name, in order.
    public func values(of name: HTTPFieldName) -> [String] {
        lines.filter { matches($0, name) }.map { text($0.value) }
    }

    /// The bytes of the value in the first line with this name, without a copy; nil if the field is missing.
    public func firstValueBytes(of name: HTTPFieldName) -> ArraySlice<UInt8>? {
        lines.first { matches($0, name) }.map { bytes[$0.value] }
    }

    /// True if at least one line has this name.
    public func contains(_ name: HTTPFieldName) -> Bool {
        lines.contains { matches($0, name) }
    }

    private func matches(_ line: Line, _ name: HTTPFieldName) -> Bool {
        guard line.known == name.known else { return false }
        return line.known != .other || Grammar.equalIgnoringCase(line.name, of: bytes.span, name.spelling)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

extension HTTPFields {
    /// Sets a field, and replaces all values that it has.
    ///
    /// Blanks and tabs around the value are dropped.
    ///
    /// - Throws: `HTTPFieldError` when the name is not a token, when the value has an ASCII control character other
    ///   than a tab, or when the name, the value or all fields together are too long.
    public mutating func set(_ name: HTTPFieldName, _ value: String) throws(HTTPFieldError) {
        try check(name, value)
        remove(name)
        try append(name, value)
    }

    /// Adds a line with this name, and keeps the lines that already have it.
    ///
    /// Blanks and tabs around the value are dropped.
    ///
    /// - Throws: `HTTPFieldError`, as ``set(_:_:)`` does.
    public mutating func append(_ name: HTTPFieldName, _ value: String) throws(HTTPFieldError) {
        try check(name, value)
        let text = value.utf8Span.span
        append(name.spelling.utf8, text.extracting(Grammar.trimmed(text.indices, of: text)), known: name.known)
    }

    /// Removes every line with this name.
    public mutating func remove(_ name: HTTPFieldName) {
        guard contains(name) else { return }
        // The bytes of the other fields are copied, so that those of the removed ones are given back.
        var kept = HTTPFields()
        kept.bytes.reserveCapacity(bytes.count)
        for line in lines where !matches(line, name) {
            kept.append(bytes[line.name], bytes[line.value].span, known: line.known)
        }
        self = kept
    }

    private mutating func append(_ name: some Collection<UInt8>, _ value: Span<UInt8>, known: KnownField) {
        let nameStart = bytes.count
        bytes.append(contentsOf: name)
        let nameLength = bytes.count - nameStart
        bytes.append(contentsOf: ": ".utf8)
        let valueStart = bytes.count
        bytes.append(copying: value)
        lines.append(
            Line(
                nameStart: UInt32(nameStart), valueStart: UInt32(valueStart), valueLength: UInt32(value.count),
                nameLength: UInt32(nameLength), known: known))
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private func check(_ name: HTTPFieldName, _ value: String) throws(HTTPFieldError) {
        guard name.isToken else { throw HTTPFieldError(name, .noToken) }
        guard value.utf8.allSatisfy(Grammar.isFieldValue) else { throw HTTPFieldError(name, .controlCharacter) }
        let length = (name: name.spelling.utf8.count, value: value.utf8.count)
        guard length.name <= Self.maxNameLength, length.value <= Self.maxValueLength,
            bytes.count + length.name + length.value <= Self.maxTotalLength
        else { throw HTTPFieldError(name, .tooLong) }
    }
}

extension HTTPFields: Sequence, Equatable {
    /// The field lines in order, as name and value.
    public func makeIterator() -> some IteratorProtocol<(name: String, value: String)> {
        lines.lazy.map { [self] in (name: text($0.name), value: text($0.value)) }.makeIterator()
    }

    /// True if both have the same lines in the same order.
    ///
    /// The case of letters counts in values, but not in names.
    public static func == (left: Self, right: Self) -> Bool {
        left.lines.count == right.lines.count
            && zip(left.lines, right.lines).allSatisfy { mine, other in
                mine.known == other.known
                    && left.bytes[mine.value] == right.bytes[other.value]
                    && left.bytes[mine.name].map(Grammar.lowercased) == right.bytes[other.name].map(Grammar.lowercased)
            }
    }
}

/// The error when a field cannot be set.
///
/// The description has the field's name, but never its value.
public struct HTTPFieldError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A reason why a field cannot be set.
    public enum Reason: Sendable, Hashable {
        /// The name is not a token (RFC 9110, section 5.6.2): it is empty, or has a character such as a blank or a
        /// colon.
        case noToken
        /// The value has an ASCII control character other than a tab, such as a line end.
        case controlCharacter
        /// The name, the value, or all fields together are too long.
        case tooLong
    }

    /// The name of the field that could not be set.
    public let name: HTTPFieldName
    /// The reason why the field could not be set.
    public let reason: Reason

    init(_ name: HTTPFieldName, _ reason: Reason) {
        self.name = name
        self.reason = reason
    }

    /// The error as a sentence for the log.
    public var description: String {
        switch reason {
        case .noToken: "'\(name)' is not a header name"
        case .controlCharacter: "the value of the header '\(name)' holds a control character"
        case .tooLong: "the header '\(name)' is too long"
        }
    }
}
