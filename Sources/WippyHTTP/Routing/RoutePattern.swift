import HTTPServing
public import WippyDefinition
public import WippyText

/// The path of an endpoint, with or without the prefix of its router.
///
/// It consists of segments and an end.
///
/// - `/users/{id}` and `/users/:id` have a parameter. It stands for one decoded segment, which is not empty.
/// - `/files/{rest...}` has a parameter for the rest of the path. Such a parameter can stand only at the end.
/// - `/a/` matches `/a/` and everything below it. `/a/{$}` matches only `/a/`.
///
/// Every other text is literal, and is compared with the decoded path: `/caf%C3%A9` and `/café` match the same path.
///
/// The rules follow those of Go's `http.ServeMux`, which has no `:id`.
public struct RoutePattern: Sendable, Hashable {
    /// A part of a pattern between two slashes.
    public enum Segment: Sendable, Hashable {
        /// A text. It matches exactly these bytes of the decoded path.
        case literal([UInt8])
        /// A parameter with this name. It matches every text that is not empty.
        case parameter(String)

        /// The name of the parameter; nil for a literal.
        var parameterName: String? {
            if case .parameter(let name) = self { name } else { nil }
        }
    }

    /// The part of a pattern after its segments.
    public enum End: Sendable, Hashable {
        /// The path ends after the segments.
        case exact
        /// A slash ends the path.
        case slash
        /// A slash and the rest of the path after it, which can be empty. The string is the name of the parameter for
        /// the rest; nil if the pattern has no such parameter.
        ///
        /// With a parameter, the server answers 400 if the decoded rest has a NUL, a segment `.` or `..`, or an empty
        /// segment before its last one.
        case rest(String?)
    }

    /// The segments of the path, in order.
    public let segments: [Segment]

    /// The end of the path.
    public let end: End

    /// The text of the pattern.
    public let text: ExactText

    /// The reason why a text is not a pattern.
    public struct Flaw: Error {
        /// The rest of a sentence that begins with the field's name.
        public let message: String
    }

    /// Reads a pattern from its text.
    ///
    /// - Throws: `Flaw` when the text is not a pattern.
    public init(_ text: String) throws(Flaw) {
        guard text.utf8.first == UInt8(ascii: "/") else { throw Flaw(message: "must start with '/', got '\(text)'") }
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) else {
            throw Flaw(message: "must be a path without '?' and '#', got '\(text)'")
        }
        var parts = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let last = parts.removeLast()
        var segments: [Segment] = []
        for part in parts { segments.append(try Self.segment(part, in: text)) }
        if last.isEmpty {
            end = .rest(nil)
        } else if last.elementsEqual("{$}".utf8) {
            end = .slash
        } else if last.first == UInt8(ascii: "{"), last.suffix(4).elementsEqual("...}".utf8) {
            end = .rest(try Self.name(last.dropFirst().dropLast(4), in: text))
        } else {
            segments.append(try Self.segment(last, in: text))
            end = .exact
        }
        self.segments = segments
        self.text = ExactText(text)
        try checkNames()
    }

    /// Creates the full pattern of an endpoint: its path below its router's prefix.
    init(_ path: RoutePattern, below prefix: RoutePrefix) throws(Flaw) {
        guard prefix != .none else {
            self = path
            return
        }
        segments = prefix.segments + path.segments
        end = path.end
        text = ExactText(prefix.text.string + path.text.string)
        try checkNames()
    }

    private static func segment(_ part: Substring.UTF8View, in text: String) throws(Flaw) -> Segment {
        if part.first == UInt8(ascii: ":") { return .parameter(try name(part.dropFirst(), in: text)) }
        guard part.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) else {
            return .literal(try literal(part, in: text))
        }
        guard part.first == UInt8(ascii: "{"), part.last == UInt8(ascii: "}") else {
            throw Flaw(message: "has '\(Substring(part))'; a parameter is a whole segment, such as {id}")
        }
        let inside = part.dropFirst().dropLast()
        if inside.suffix(3).elementsEqual("...".utf8) || inside.elementsEqual("$".utf8) {
            throw Flaw(message: "has '\(Substring(part))' before its end; it can only be the last segment")
        }
        return .parameter(try name(inside, in: text))
    }

    private static func literal(_ part: Substring.UTF8View, in text: String) throws(Flaw) -> [UInt8] {
        guard let bytes = PercentEncoding.decodedBytes(Array(part)[...]) else {
            throw Flaw(
                message: "has a '%' without two hexadecimal digits after it, in '\(text)'; write %25 for the "
                    + "sign itself")
        }
        guard literalShape.matches(String(Substring(part))) else {
            throw Flaw(message: "must not have empty, '.' or '..' segments, got '\(text)'")
        }
        return bytes
    }

    private static func name(_ bytes: Substring.UTF8View, in text: String) throws(Flaw) -> String {
        let name = String(Substring(bytes))
        guard nameShape.matches(name) else {
            throw Flaw(message: "has a parameter '\(name)'; a name must be letters, digits and '_', got '\(text)'")
        }
        return name
    }

    private func checkNames() throws(Flaw) {
        var seen: Set<ExactText> = []
        for name in parameterNames where !seen.insert(ExactText(name)).inserted {
            throw Flaw(message: "has the parameter '\(name)' twice")
        }
    }

    /// True if this pattern matches the same paths as `literal`, a pattern without parameters.
    func matchesLike(_ literal: RoutePattern) -> Bool { segments == literal.segments && end == literal.end }

    /// The names of the parameters, in order of the path: `id` and `rest` for `/users/{id}/{rest...}`.
    public var parameterNames: [String] {
        let named = segments.compactMap(\.parameterName)
        if case .rest(let name?) = end { return named + [name] }
        return named
    }
}

extension RoutePattern: FieldValue {
    /// The form of a field with a pattern.
    public static let form = FieldForm.pattern(
        textShape.pattern, words: "a path such as /users/{id}", examples: ["/users/{id}"])

    /// The value of a field that cannot be read: a pattern that matches every path.
    public static let substitute = RoutePattern()

    private init() {
        segments = []
        end = .rest(nil)
        text = "/"
    }

    /// Reads a pattern from a field.
    ///
    /// - Throws: `FieldProblem` when the value is not a text, or when its text is not a pattern.
    public init(reading node: Node) throws(FieldProblem) {
        let text = try String(reading: node)
        do throws(Flaw) {
            try self.init(text)
        } catch {
            throw FieldProblem(error.message)
        }
    }

    /// The text of the pattern.
    public var written: String { text.string }
}
