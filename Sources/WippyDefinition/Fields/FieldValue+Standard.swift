public import WippyText
import WippyValues

extension String: FieldValue {
    /// The form of a field of this type: a text.
    public static var form: FieldForm { .text }

    /// The value that stands in for one that cannot be read: the empty text.
    public static var substitute: String { "" }

    /// Reads a text.
    ///
    /// - Throws: ``FieldProblem`` for anything else, such as a number without quotes.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        self = scalar.text
    }

    /// The value as it is written in a definition file: without quotes, or as JSON.
    public var written: String {
        let scalars = unicodeScalars
        let isOfWord = { (scalar: Unicode.Scalar) in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        }
        let isPlain =
            scalars.allSatisfy { isOfWord($0) || "_-./:+@* ".unicodeScalars.contains($0) }
            && scalars.first.map { isOfWord($0) || "_./".unicodeScalars.contains($0) } == true
            && scalars.last != ":" && scalars.last != " " && !containsExactly(": ")
        return isPlain && Scalar(self, style: .plain).isText ? self : JSON.text(of: .string(self))
    }
}

extension ExactText: FieldValue {
    /// The form of a field of this type: a text.
    public static var form: FieldForm { .text }

    /// The value that stands in for one that cannot be read: the empty text.
    public static var substitute: ExactText { "" }

    /// Reads a text.
    ///
    /// - Throws: ``FieldProblem`` for anything else, such as a number without quotes.
    public init(reading node: Node) throws(FieldProblem) { self.init(try String(reading: node)) }

    /// The value as it is written in a definition file.
    public var written: String { string.written }
}

extension Bool: FieldValue {
    /// The form of a field of this type: true or false.
    public static var form: FieldForm { .flag }

    /// The value that stands in for one that cannot be read: false.
    public static var substitute: Bool { false }

    /// Reads `true` or `false`, also in the forms `True` and `TRUE`, `False` and `FALSE`.
    ///
    /// In a text from a variable or an option, capitals do not matter.
    ///
    /// - Throws: ``FieldProblem`` for anything else, such as `yes` or a text in quotes.
    public init(reading node: Node) throws(FieldProblem) {
        let scalar = node.scalar
        if case .bool(let value) = scalar?.value {
            self = value
        } else if scalar?.style == .external, let value = Bool(scalar?.text.lowercasedASCII ?? "") {
            self = value
        } else {
            throw .expected(Self.form, got: node)
        }
    }

    /// The value as it is written in a definition file.
    public var written: String { self ? "true" : "false" }
}

extension Int: OrderedFieldValue {
    /// Returns the form of a field whose value must be in a range.
    public static func form(in range: ClosedRange<Int>) -> FieldForm { .integer(in: range) }

    /// The value that stands in for one that cannot be read: 0.
    public static var substitute: Int { 0 }

    /// The range of all values.
    public static var all: ClosedRange<Int> { .min ... .max }

    /// Reads a whole number.
    ///
    /// - Throws: ``FieldProblem`` for anything else, such as `1.5` or a number outside the range of `Int`.
    public init(reading node: Node) throws(FieldProblem) {
        guard case .integer(let value) = node.scalar?.value else { throw .expected(Self.form, got: node) }
        self = value
    }

    /// The value as it is written in a definition file.
    public var written: String { String(self) }
}

extension Double: OrderedFieldValue {
    /// Returns the form of a field whose value must be in a range.
    public static func form(in range: ClosedRange<Double>) -> FieldForm { .number(in: range) }

    /// The value that stands in for one that cannot be read: 0.
    public static var substitute: Double { 0 }

    /// The range of all values that a field can have.
    public static var all: ClosedRange<Double> { -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude }

    /// Reads a number, whole or not.
    ///
    /// - Throws: ``FieldProblem`` for anything else, such as `.inf`.
    public init(reading node: Node) throws(FieldProblem) {
        switch node.scalar?.value {
        case .integer(let value): self = Double(value)
        case .float(let value) where value.isFinite: self = value
        default: throw .expected(Self.form, got: node)
        }
    }

    /// The value as it is written in a definition file.
    public var written: String { self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self) }
}

extension Array: FieldValue where Element: FieldValue {
    /// The form of a field of this type: a list.
    public static var form: FieldForm { .list(of: Element.form) }

    /// The value that stands in for one that cannot be read: the empty list.
    public static var substitute: [Element] { [] }

    /// True if the elements are secrets, which nothing may show.
    public static var isSecret: Bool { Element.isSecret }

    /// Reads a list.
    ///
    /// A text from a variable or an option can have the list in YAML's short form, or with commas. The text of a secret
    /// cannot.
    ///
    /// - Throws: ``FieldProblem`` for anything else, and for the first element that cannot be read.
    public init(reading node: Node) throws(FieldProblem) {
        guard case .sequence(let nodes) = node.listed.content else { throw .expected("a list", got: node) }
        self = []
        for (index, node) in nodes.enumerated() {
            do {
                append(try Element(reading: node))
            } catch {
                throw FieldProblem(
                    error.message, part: "[\(index)]\(error.part)", at: error.location ?? node.location,
                    suggestion: error.suggestion)
            }
        }
    }

    /// The value as it is written in a definition file.
    public var written: String { "[\(map(\.written).joined(separator: ", "))]" }
}

extension Dictionary: FieldValue where Key == ExactText, Value: FieldValue {
    /// The form of a field of this type: a map.
    public static var form: FieldForm { .map(of: Value.form) }

    /// The value that stands in for one that cannot be read: the empty map.
    public static var substitute: [ExactText: Value] { [:] }

    /// True if the values are secrets, which nothing may show.
    public static var isSecret: Bool { Value.isSecret }

    /// Reads a map.
    ///
    /// - Throws: ``FieldProblem`` for anything else, and for the first value that cannot be read.
    public init(reading node: Node) throws(FieldProblem) {
        let map = node.structured
        guard case .mapping = map.content else { throw .expected("a map", got: node) }
        self = [:]
        for pair in map.pairs {
            do {
                self[pair.key] = try Value(reading: pair.value)
            } catch {
                throw FieldProblem(
                    error.message, part: ".\(pair.key)\(error.part)", at: error.location ?? pair.value.location)
            }
        }
    }

    /// The value as it is written in a definition file.
    public var written: String {
        "{\(sorted { $0.key < $1.key }.map { "\($0.key.written): \($0.value.written)" }.joined(separator: ", "))}"
    }
}

/// An enumeration of the words that a field accepts.
public protocol FieldChoice: FieldValue, CaseIterable, RawRepresentable<String> {}

extension FieldChoice {
    /// The value that stands in for one that cannot be read: the first word.
    public static var substitute: Self { allCases[allCases.startIndex] }

    /// The form of the field: one of the words.
    public static var form: FieldForm { .choice(allCases.map(\.rawValue)) }

    /// The word as it is written in a definition file.
    public var written: String { rawValue }

    /// Reads one of the words.
    ///
    /// - Throws: ``FieldProblem`` for any other value.
    public init(reading node: Node) throws(FieldProblem) {
        guard let text = node.scalar?.text,
            let choice = Self.allCases.first(where: { ExactText.areEqual($0.rawValue, text) })
        else {
            let nearest = Spelling.nearest(to: node.scalar?.text ?? "", among: Self.allCases.map(\.rawValue))
            throw FieldProblem("must be \(Self.form.words), got \(node.found)").suggesting(nearest)
        }
        self = choice
    }
}
