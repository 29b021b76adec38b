/// What a field takes: the manual, messages and the schema say it from this one value.
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
    /// A text, or a number or truth value, which is the text that spells it.
    case spelling
    /// A text of a form of its own.
    ///
    /// The pattern is a regular expression of ECMA 262 for the whole text. It may let through what reading the field
    /// refuses, never the other way round. The words have their article: `a path such as /users/{id}`.
    case pattern(String, words: String, examples: [String] = [])
    /// A time such as `1m30s`.
    case duration(in: ClosedRange<Duration> = .nanoseconds(Int64.min) ... .nanoseconds(Int64.max))
    /// A number of bytes such as `10MiB`.
    case size(in: ClosedRange<ByteCount> = ByteCount(0)...ByteCount(.max))
    /// One of a few words.
    case choice([String], ignoringCase: Bool = false)
    /// The id of an entry; the words say what it must be, with their article: `a queue`.
    case id(of: String)
    /// Elements of one form.
    case list(of: FieldForm)
    /// Values of one form, by names of the user's.
    case map(of: FieldForm)
    /// Maps with fields of their own, which are described below the list's path and `[]`.
    ///
    /// The name is that of the field that an element says which is no map.
    case maps(shortFor: String?)
    /// Any of several forms, or one under other words; the first is the usual one, whose range is told.
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
