public import WippyText

extension String: FieldValue {
    /// What a field of this type takes, with its article.
    public static var expectation: String { "a text" }

    /// What stands in for a value that could not be read.
    public static var placeholder: String { "" }

    /// Reads the value; anything else is a problem.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected("a text", got: node) }
        self = scalar.text
    }

    /// The value as one writes it in a definition file.
    public var written: String { isEmpty ? "\"\"" : self }
}

extension ExactText: FieldValue {
    /// What a field of this type takes, with its article.
    public static var expectation: String { String.expectation }

    /// What stands in for a value that could not be read.
    public static var placeholder: ExactText { "" }

    /// Reads the value; anything else is a problem.
    public init(reading node: Node) throws(FieldProblem) { self.init(try String(reading: node)) }

    /// The value as one writes it in a definition file.
    public var written: String { string.written }
}

extension Bool: FieldValue {
    /// What a field of this type takes, with its article.
    public static var expectation: String { "true or false" }

    /// What stands in for a value that could not be read.
    public static var placeholder: Bool { false }

    /// Reads the value; anything else is a problem.
    public init(reading node: Node) throws(FieldProblem) {
        let scalar = node.scalar
        if case .bool(let value) = scalar?.value {
            self = value
        } else if scalar?.style == .external, let value = Bool(scalar?.text.lowercasedASCII ?? "") {
            self = value
        } else {
            throw .expected(Self.expectation, got: node)
        }
    }

    /// The value as one writes it in a definition file.
    public var written: String { self ? "true" : "false" }
}

extension Int: FieldValue {
    /// What a field of this type takes, with its article.
    public static var expectation: String { "a whole number" }

    /// What stands in for a value that could not be read.
    public static var placeholder: Int { 0 }

    /// The greatest value there is.
    public static var greatest: Int? { .max }

    /// Reads the value; anything else is a problem.
    public init(reading node: Node) throws(FieldProblem) {
        guard case .integer(let value) = node.scalar?.value else { throw .expected(Self.expectation, got: node) }
        self = value
    }

    /// The value as one writes it in a definition file.
    public var written: String { String(self) }
}

extension Double: FieldValue {
    /// What a field of this type takes, with its article.
    public static var expectation: String { "a number" }

    /// What stands in for a value that could not be read.
    public static var placeholder: Double { 0 }

    /// The greatest value there is.
    public static var greatest: Double? { .greatestFiniteMagnitude }

    /// Reads the value; anything else is a problem.
    public init(reading node: Node) throws(FieldProblem) {
        switch node.scalar?.value {
        case .integer(let value): self = Double(value)
        case .float(let value) where value.isFinite: self = value
        default: throw .expected(Self.expectation, got: node)
        }
    }

    /// The value as one writes it in a definition file.
    public var written: String { self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self) }
}

extension Array: FieldValue where Element: FieldValue {
    /// What a field of this type takes, with its article.
    public static var expectation: String { "a list, each element \(Element.expectation)" }

    /// What stands in for a value that could not be read.
    public static var placeholder: [Element] { [] }

    /// Whether nothing may show its elements.
    public static var isSecret: Bool { Element.isSecret }

    /// Reads the value; anything else is a problem.
    public init(reading node: Node) throws(FieldProblem) {
        guard case .sequence(let nodes) = node.listed.content else { throw .expected("a list", got: node) }
        self = []
        for (index, node) in nodes.enumerated() {
            do {
                append(try Element(reading: node))
            } catch {
                throw FieldProblem(error.message, part: "[\(index)]\(error.part)", at: error.location ?? node.location)
            }
        }
    }

    /// The value as one writes it in a definition file.
    public var written: String { "[\(map(\.written).joined(separator: ", "))]" }
}

extension Dictionary: FieldValue where Key == ExactText, Value: FieldValue {
    /// What a field of this type takes, with its article.
    public static var expectation: String { "a map, each value \(Value.expectation)" }

    /// What stands in for a value that could not be read.
    public static var placeholder: [ExactText: Value] { [:] }

    /// Whether nothing may show its values.
    public static var isSecret: Bool { Value.isSecret }

    /// Reads the value; anything else is a problem.
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

    /// The value as one writes it in a definition file.
    public var written: String {
        "{\(sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.written)" }.joined(separator: ", "))}"
    }
}

/// A field that takes one of a few words: an enumeration of texts.
public protocol FieldChoice: FieldValue, CaseIterable, RawRepresentable<String> {}

extension FieldChoice {
    /// The words, for a sentence: `one of a, b`.
    public static var expectation: String { "one of \(allCases.map(\.rawValue).joined(separator: ", "))" }

    /// The word itself.
    public var written: String { rawValue }

    /// Reads one of the words.
    public init(reading node: Node) throws(FieldProblem) {
        guard let text = node.scalar?.text,
            let choice = Self.allCases.first(where: { ExactText.areEqual($0.rawValue, text) })
        else {
            let nearest = Spelling.nearest(to: node.scalar?.text ?? "", among: Self.allCases.map(\.rawValue))
            throw FieldProblem("must be \(Self.expectation), got \(node.found)\(Spelling.suggestion(nearest))")
        }
        self = choice
    }
}
