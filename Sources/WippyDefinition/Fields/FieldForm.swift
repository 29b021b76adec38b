/// The form of a field: the values that it takes.
///
/// The manual, messages and the schema are generated from it.
public indirect enum FieldForm: Hashable, Sendable {
    /// Any value.
    case any
    /// A truth value: true or false.
    case flag
    /// A whole number in a range.
    case integer(in: ClosedRange<Int> = .min ... .max)
    /// A number in a range, whole or not.
    case number(in: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
    /// A text.
    case text
    /// A text.
    ///
    /// A number or a truth value counts as the text that spells it.
    case spelling
    /// A text with a certain form.
    ///
    /// The pattern is a regular expression of ECMA 262 for the whole text. It must match every text that the field
    /// accepts, and may match others. The words describe the form in a sentence: `a path such as /users/{id}`. The
    /// examples are values that the schema shows to editors.
    case pattern(String, words: String, examples: [String] = [])
    /// A duration in a range, such as `1m30s`.
    case duration(in: ClosedRange<Duration> = .nanoseconds(Int64.min) ... .nanoseconds(Int64.max))
    /// A number of bytes in a range, such as `10MiB`.
    case size(in: ClosedRange<ByteCount> = ByteCount(0)...ByteCount(.max))
    /// One of the given words.
    ///
    /// If `ignoringCase` is true, capitals do not matter.
    case choice([String], ignoringCase: Bool = false)
    /// The id of an entry.
    ///
    /// The words describe the entry, with an article: `a queue`.
    case id(of: String)
    /// A list whose elements all have the same form.
    case list(of: FieldForm)
    /// A map with any keys, whose values all have the same form.
    case map(of: FieldForm)
    /// A list of maps.
    ///
    /// The fields of the maps are described under the list's path and `[]`.
    ///
    /// An element that is not a map counts as the value of the field `shortFor`. If `shortFor` is nil, every element
    /// must be a map.
    case maps(shortFor: String?)
    /// One of several forms, or one form with other words.
    ///
    /// The first form is the usual one, and messages show its range.
    case either([FieldForm], words: String)

    /// The form in words, such as `a duration such as 10s` or `the id of a queue`.
    public var words: String {
        switch self {
        case .any: "any value"
        case .flag: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .text, .spelling: "a string"
        case .pattern(_, let words, _), .either(_, let words): words
        case .duration: "a duration such as 10s"
        case .size: "a size such as 10MiB"
        case .choice(let words, _) where words.count == 1: "the word \(words[0])"
        case .choice(let words, _): "one of \(words.joined(separator: ", "))"
        case .id(let words): "the id of \(words)"
        case .list(.any): "a list"
        case .list(let element): "a list in which each element is \(element.words)"
        case .map(.any): "a map"
        case .map(let value): "a map in which each value is \(value.words)"
        case .maps(let short?): "a list in which each element is a map, or its '\(short)' alone"
        case .maps(nil): "a list of maps"
        }
    }

    /// The range of the values in words, such as `1 through 1000` or `at least 1`; nil if there is none to show.
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
    /// The range in words, such as `1 through 1000`, or `at least 1` if it ends with the greatest value of the type.
    var inWords: String {
        if lowerBound == upperBound { return lowerBound.written }
        if upperBound >= Bound.all.upperBound { return "at least \(lowerBound.written)" }
        return "\(lowerBound.written) through \(upperBound.written)"
    }

    /// The range in words; nil if it contains every value of the type.
    fileprivate var inWordsUnlessWhole: String? { self == Bound.all ? nil : inWords }

    /// Reads a value, and throws if it is outside the range.
    func checked(_ node: Node) throws(FieldProblem) -> Bound {
        let value = try Bound(reading: node)
        guard contains(value) else { throw .expected(inWords, got: node) }
        return value
    }
}
