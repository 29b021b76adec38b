import HTTPServing
public import WippyDefinition
public import WippyText

// The values of middleware options. Wippy writes options as texts, so each value can be read from a text, too.

/// The words of wippy for a flag in an option.
public enum OptionFlagWords: FlagWords {
    /// The words `true` and `false`.
    public static let words: KeyValuePairs<ExactText, Bool> = ["true": true, "false": false]

    /// False: capitals matter.
    public static let ignoresCase = false
}

/// `true` or `false`, with or without quotation marks.
///
/// ```swift
/// let marksErrors: OptionFlag = fields.optional(
///     "stamp.errors", default: OptionFlag(isOn: true), "True if errors get the header too.")
/// ```
public typealias OptionFlag = SpelledFlag<OptionFlagWords>

/// A number of seconds: `86400`, or `24h`.
public struct OptionSeconds: OrderedFieldValue {
    /// The number of seconds.
    public let seconds: Int

    /// Every number of seconds.
    public static var all: ClosedRange<OptionSeconds> { OptionSeconds(seconds: .min)...OptionSeconds(seconds: .max) }

    /// Returns the form: digits, or a duration such as `24h`.
    public static func form(in range: ClosedRange<OptionSeconds>) -> FieldForm {
        let seconds = range.lowerBound.seconds...range.upperBound.seconds
        let durations: ClosedRange<Duration> = .seconds(seconds.lowerBound) ... .seconds(seconds.upperBound)
        return .either(
            [
                .integer(in: seconds), .duration(in: durations),
                .pattern(digits.pattern, words: "digits"),
            ],
            words: "seconds such as 86400, or a duration such as 24h")
    }

    private static let digits = TextShape.sequence([
        .repeated(.character(Alphabet(of: "+-")), atLeast: 0, atMost: 1), .word(of: .digits),
    ])

    /// The value of an option that cannot be read: 0.
    public static var substitute: OptionSeconds { OptionSeconds(seconds: 0) }

    /// Creates a value.
    public init(seconds: Int) {
        self.seconds = seconds
    }

    /// Reads a whole number, or a duration of whole seconds.
    ///
    /// - Throws: `FieldProblem` for anything else.
    public init(reading node: Node) throws(FieldProblem) {
        let text = node.scalar?.text ?? ""
        let number = try? Self.digits.matches(text) ? Int(text) : Int(reading: node)
        guard let seconds = number ?? Duration(written: text)?.exactSeconds else {
            throw .expected(Self.form, got: node)
        }
        self.seconds = seconds
    }

    /// Returns true if the left value has fewer seconds.
    public static func < (left: OptionSeconds, right: OptionSeconds) -> Bool { left.seconds < right.seconds }

    /// The value as it is written in a definition file: the number.
    public var written: String { String(seconds) }
}

/// Names of header fields or of methods, with commas or line ends between them.
///
/// The name `*` stands for all names.
///
/// ```swift
/// let methods: OptionNames<MethodOptionName> = fields.optional(
///     "stamp.methods", default: OptionNames(names: ["*"]), "The methods whose answers get the header.")
/// ```
public struct OptionNames<Name: OptionName>: FieldValue {
    /// The names, in the order in which they are written.
    public let names: [String]

    /// The form: a text.
    public static var form: FieldForm { .either([.text], words: "\(Name.plural), separated by commas") }
    /// The value of an option that cannot be read: no names.
    public static var substitute: OptionNames { OptionNames(names: []) }

    /// Creates a value.
    public init(names: [String]) {
        self.names = names
    }

    /// Reads the names from a text.
    ///
    /// - Throws: `FieldProblem` if the node is no text, or if ``OptionName/flaw(in:)`` finds a flaw in a name.
    public init(reading node: Node) throws(FieldProblem) {
        names = try node.listedTexts(of: Self.form)
        for name in names where name != "*" {
            if let flaw = Name.flaw(in: name) { throw FieldProblem(flaw) }
        }
    }

    /// True if the option stands for all names.
    public var isEvery: Bool { names.contains("*") }

    /// The value as it is written in a definition file: the names with commas between them.
    public var written: String { names.joined(separator: ",").written }
}

/// The sort of names that an option takes.
public protocol OptionName {
    /// The word for several names of this sort, such as `methods`.
    static var plural: String { get }

    /// Returns the reason why a text is not a name of this sort; nil if it is one.
    ///
    /// The reason is the rest of a sentence that begins with the option's name.
    static func flaw(in name: String) -> String?
}

/// Names of header fields.
public enum FieldOptionName: OptionName {
    /// The words `header names`.
    public static let plural = "header names"

    /// Returns the reason why a text is not such a name; nil if it is one.
    public static func flaw(in name: String) -> String? {
        HTTPFieldName(name) == nil ? "has '\(name)', which is not a header name; separate names with commas" : nil
    }
}

/// Methods of HTTP.
///
/// A method that an endpoint can answer must be in capitals, such as `GET`.
public enum MethodOptionName: OptionName {
    /// The words `methods`.
    public static let plural = "methods"

    /// Returns the reason why a text is not such a name; nil if it is one.
    public static func flaw(in name: String) -> String? {
        guard let method = HTTPMethod(name) else {
            return "has '\(name)', which is not a method; separate methods with commas"
        }
        guard !HTTPMethod.answerable.contains(method),
            HTTPMethod.answerable.contains(where: { ExactText.areEqual($0.rawValue, name.uppercasedASCII) })
        else { return nil }
        return "has '\(name)'; methods are written in capitals: '\(name.uppercasedASCII)'"
    }
}

extension Node {
    /// Returns the texts of an option that has several texts, separated by commas or line ends.
    func listedTexts(of form: FieldForm) throws(FieldProblem) -> [String] {
        guard let scalar, scalar.isText else { throw .expected(form, got: self) }
        let separators = Array(",\n\r".utf8)
        return scalar.text.utf8.split { separators.contains($0) }.compactMap { part in
            let blanks = Array(" \t".utf8)
            let begun = part.drop { blanks.contains($0) }
            guard let last = begun.lastIndex(where: { !blanks.contains($0) }) else { return nil }
            return String(Substring(begun[...last]))
        }
    }
}
