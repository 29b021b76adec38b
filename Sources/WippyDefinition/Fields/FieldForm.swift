/// What a field takes.
///
/// The manual, messages and the schema come from this value.
public indirect enum FieldForm: Hashable, Sendable {
    /// Any value at all.
    case any
    /// True or false.
    case flag
    /// A whole number.
    case integer(in: ClosedRange<Int> = .min ... .max)
    /// A number, whole or not.
    case number(in: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
    /// A text.
    case text
    /// A text, or a number or truth value, which is taken as its text.
    case spelling
    /// A text with a form.
    ///
    /// The pattern is a regular expression of ECMA 262 for the whole text. It must match every text that the field
    /// accepts, and may match others. The words have an article: `a path such as /users/{id}`.
    case pattern(String, words: String, examples: [String] = [])
    /// A time such as `1m30s`.
    case duration(in: ClosedRange<Duration> = .nanoseconds(Int64.min) ... .nanoseconds(Int64.max))
    /// A number of bytes such as `10MiB`.
    case size(in: ClosedRange<ByteCount> = ByteCount(0)...ByteCount(.max))
    /// One of a few words.
    case choice([String], ignoringCase: Bool = false)
    /// The id of an entry. The words say what the entry must be, with an article: `a queue`.
    case id(of: String)
    /// A list whose elements have one form.
    case list(of: FieldForm)
    /// A map with any keys, whose values have one form.
    case map(of: FieldForm)
    /// A list of maps with their own fields, which are described under the list's path and `[]`.
    ///
    /// `shortFor` is the field that an element means if it is no map.
    case maps(shortFor: String?)
    /// One of several forms, or one form with other words. The first is the usual one, and its range is shown.
    case either([FieldForm], words: String)

    /// What a field of this form takes, with its article: `a duration such as 10s`, `the id of a queue`.
    public var words: String {
        switch self {
        case .any: "any value"
        case .flag: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .text, .spelling: "a text"
        case .pattern(_, let words, _), .either(_, let words): words
        case .duration: "a duration such as 10s"
        case .size: "a size such as 10MiB"
        case .choice(let words, _): "one of \(words.joined(separator: ", "))"
        case .id(let words): "the id of \(words)"
        case .list(let element): "a list, each element \(element.words)"
        case .map(let value): "a map, each value \(value.words)"
        case .maps(let short): "a list of maps\(short.map { ", or of their '\($0)' alone" } ?? "")"
        }
    }

    /// The range of its values in words, if it has one: `1 through 1000`, `at least 1`.
    public var range: String? {
        switch self {
        case .integer(let range): range.inWordsUnlessWhole
        case .number(let range): range.inWordsUnlessWhole
        case .duration(let range): range.inWordsUnlessWhole
        case .size(let range): range.inWordsUnlessWhole
        case .either(let forms, _): forms.first?.range
        default: nil
        }
    }
}

extension ClosedRange where Bound: OrderedFieldValue {
    /// The range for a sentence: `1 through 1000`, or `at least 1` when it ends with the greatest value there is.
    var inWords: String {
        if lowerBound == upperBound { return lowerBound.written }
        if upperBound >= Bound.all.upperBound { return "at least \(lowerBound.written)" }
        return "\(lowerBound.written) through \(upperBound.written)"
    }

    /// The range for a sentence; nil for the one of every value.
    fileprivate var inWordsUnlessWhole: String? { self == Bound.all ? nil : inWords }

    /// Reads a value that must lie in the range.
    func checked(_ node: Node) throws(FieldProblem) -> Bound {
        let value = try Bound(reading: node)
        guard contains(value) else { throw .expected(inWords, got: node) }
        return value
    }
}
