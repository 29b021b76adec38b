public import WippyText

/// The words for true and false in a field that other programs read as text.
public protocol FlagWords: Sendable {
    /// The words, each with its meaning.
    ///
    /// They include `true` and `false`. If ``ignoresCase`` is true, all are in lower case.
    static var words: KeyValuePairs<ExactText, Bool> { get }

    /// True if capitals do not matter.
    static var ignoresCase: Bool { get }
}

/// True or false, in one of the words that another program takes.
public struct SpelledFlag<Words: FlagWords>: FieldValue {
    /// The value.
    public let isOn: Bool

    /// The form of the field.
    public static var form: FieldForm { .either(forms, words: FieldForm.flag.words) }

    /// The forms of the values: a flag, the numbers 0 and 1 if `1` is one of the words, and the words.
    public static var forms: [FieldForm] {
        let words = Words.words.map(\.key)
        let numbers: [FieldForm] = words.contains("1") ? [.integer(in: 0...1)] : []
        return [.flag] + numbers + [.choice(words.map(\.string), ignoringCase: Words.ignoresCase)]
    }

    /// The value that stands in for one that cannot be read: false.
    public static var substitute: SpelledFlag { SpelledFlag(isOn: false) }

    /// The value as it is written in a definition file.
    public var written: String { isOn.written }

    /// Creates a value.
    public init(isOn: Bool) {
        self.isOn = isOn
    }

    /// Reads one of the words.
    ///
    /// - Throws: ``FieldProblem`` for anything else.
    public init(reading node: Node) throws(FieldProblem) {
        let text = node.scalar.map { ExactText(Words.ignoresCase ? $0.text.lowercasedASCII : $0.text) }
        guard let word = Words.words.first(where: { $0.key == text }) else {
            throw .expected("\(Self.form.words)\(Words.ignoresCase ? "" : " in lower case")", got: node)
        }
        isOn = word.value
    }
}
