public import WippyDefinition
public import WippyText

/// The part with which the path of each endpoint of a router begins.
///
/// It consists of segments, or is empty.
public struct RoutePrefix: Sendable, Hashable {
    /// The segments of the prefix, in order.
    public let segments: [RoutePattern.Segment]

    /// The prefix as the definition file has it, without a slash at its end.
    public let text: ExactText

    /// The empty prefix.
    public static let none = RoutePrefix(segments: [], text: "")

    /// The names of the parameters, in order.
    public var parameterNames: [String] { segments.compactMap(\.parameterName) }

    /// The prefix without the names of its parameters.
    ///
    /// Two prefixes with the same shape match the same paths.
    var shape: [[UInt8]?] {
        segments.map { segment in
            if case .literal(let bytes) = segment { bytes } else { nil }
        }
    }
}

extension RoutePrefix: FieldValue {
    /// The form of a field with a prefix.
    public static let form = FieldForm.pattern(
        textShape.pattern, words: "a path such as /api/{tenant}", examples: ["/api"])

    /// The shape of the texts that ``init(reading:)`` reads.
    ///
    /// A text of this shape can still have two parameters of one name.
    static let textShape = TextShape.sequence([
        .repeated(RoutePattern.path(of: RoutePattern.segmentShape), atLeast: 0, atMost: 1),
        .repeated(.character(Alphabet(of: "/")), atLeast: 0, atMost: 1),
    ])

    /// The value of a field that cannot be read: the empty prefix.
    public static var substitute: RoutePrefix { .none }

    /// Reads a prefix.
    ///
    /// A slash at the end is ignored.
    ///
    /// - Throws: `FieldProblem` when the value is not a text, or when its text is not a prefix.
    public init(reading node: Node) throws(FieldProblem) {
        let whole = try String(reading: node)
        let endsWithSlash = whole.hasExactPrefix("/") && whole.hasExactSuffix("/")
        let text = endsWithSlash ? String(whole.unicodeScalars.dropLast()) : whole
        guard !text.isEmpty else {
            self = .none
            return
        }
        do throws(RoutePattern.Flaw) {
            let pattern = try RoutePattern(text)
            guard pattern.end == .exact else {
                throw RoutePattern.Flaw(
                    message: "must be whole segments, got '\(whole)'; the endpoints say how a path ends")
            }
            self.init(segments: pattern.segments, text: pattern.text)
        } catch {
            throw FieldProblem(error.message)
        }
    }

    /// The text of the prefix; two quotation marks for the empty prefix.
    public var written: String { text.string.isEmpty ? "\"\"" : text.string }
}
