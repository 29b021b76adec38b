import HTTPServing
import WippyDefinition
import WippyText

// The values of middleware options. Wippy writes options as texts, so each value can be read from a text, too.

/// The words of wippy for a flag in an option.
///
/// Wippy has only these two. There, `True` silently turns an option off.
enum OptionFlagWords: FlagWords {
    static let words: KeyValuePairs<ExactText, Bool> = ["true": true, "false": false]
    static let ignoresCase = false
}

typealias OptionFlag = SpelledFlag<OptionFlagWords>

/// A number of seconds: `86400`, or `24h`.
struct OptionSeconds: OrderedFieldValue {
    let seconds: Int

    static var all: ClosedRange<OptionSeconds> { OptionSeconds(seconds: .min)...OptionSeconds(seconds: .max) }

    static func form(in range: ClosedRange<OptionSeconds>) -> FieldForm {
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

    static var placeholder: OptionSeconds { OptionSeconds(seconds: 0) }

    init(seconds: Int) {
        self.seconds = seconds
    }

    init(reading node: Node) throws(FieldProblem) {
        let text = node.scalar?.text ?? ""
        let number = try? Self.digits.matches(text) ? Int(text) : Int(reading: node)
        guard let seconds = number ?? Duration(written: text)?.exactSeconds else {
            throw .expected(Self.form, got: node)
        }
        self.seconds = seconds
    }

    static func < (left: OptionSeconds, right: OptionSeconds) -> Bool { left.seconds < right.seconds }

    var written: String { String(seconds) }
}

/// Names of header fields or of methods, with commas or line ends between them.
struct OptionNames<Name: OptionName>: FieldValue {
    let names: [String]

    static var form: FieldForm { .either([.text], words: "\(Name.plural), separated by commas") }
    static var placeholder: OptionNames { OptionNames(names: []) }

    init(names: [String]) {
        self.names = names
    }

    init(reading node: Node) throws(FieldProblem) {
        names = try node.listedTexts(of: Self.form)
        for name in names where name != "*" {
            if let flaw = Name.flaw(in: name) { throw FieldProblem(flaw) }
        }
    }

    /// True if the option stands for all names.
    var isEvery: Bool { names.contains("*") }

    var written: String { names.isEmpty ? "\"\"" : names.joined(separator: ",") }
}

/// The sort of names that an option takes.
protocol OptionName {
    static var plural: String { get }
    /// Returns the reason why a text is not a name of this sort; nil if it is one.
    ///
    /// The reason is the rest of a sentence that begins with the option's name.
    static func flaw(in name: String) -> String?
}

enum FieldOptionName: OptionName {
    static let plural = "header names"

    static func flaw(in name: String) -> String? {
        HTTPFieldName(name) == nil ? "has '\(name)', which is not a header name; separate names with commas" : nil
    }
}

enum MethodOptionName: OptionName {
    static let plural = "methods"

    static func flaw(in name: String) -> String? {
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
