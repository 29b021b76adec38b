extension String: FieldValue {
    public static var expectation: String { "a text" }
    public static var placeholder: String { "" }

    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected("a text", got: node) }
        self = scalar.text
    }

    public var written: String { isEmpty ? "\"\"" : self }
}

extension Bool: FieldValue {
    public static var expectation: String { "true or false" }
    public static var placeholder: Bool { false }

    public init(reading node: Node) throws(FieldProblem) {
        guard case .bool(let value) = node.scalar?.value else { throw .expected(Self.expectation, got: node) }
        self = value
    }

    public var written: String { self ? "true" : "false" }
}

extension Int: FieldValue {
    public static var expectation: String { "a whole number" }
    public static var placeholder: Int { 0 }

    public init(reading node: Node) throws(FieldProblem) {
        guard case .integer(let value) = node.scalar?.value else { throw .expected(Self.expectation, got: node) }
        self = value
    }

    public var written: String { String(self) }
}

extension Double: FieldValue {
    public static var expectation: String { "a number" }
    public static var placeholder: Double { 0 }

    public init(reading node: Node) throws(FieldProblem) {
        switch node.scalar?.value {
        case .integer(let value): self = Double(value)
        case .float(let value) where value.isFinite: self = value
        default: throw .expected(Self.expectation, got: node)
        }
    }

    public var written: String { self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self) }
}

extension Array: FieldValue where Element: FieldValue {
    public static var expectation: String { "a list, each element \(Element.expectation)" }
    public static var placeholder: [Element] { [] }

    public init(reading node: Node) throws(FieldProblem) {
        guard case .sequence(let nodes) = node.content else { throw .expected("a list", got: node) }
        self = []
        for (index, node) in nodes.enumerated() {
            do {
                append(try Element(reading: node))
            } catch {
                throw FieldProblem(error.message, part: "[\(index)]\(error.part)", at: error.location ?? node.location)
            }
        }
    }

    public var written: String { "[\(map(\.written).joined(separator: ", "))]" }
}

extension Dictionary: FieldValue where Key == String, Value: FieldValue {
    public static var expectation: String { "a map, each value \(Value.expectation)" }
    public static var placeholder: [String: Value] { [:] }

    public init(reading node: Node) throws(FieldProblem) {
        guard case .mapping(let pairs) = node.content else { throw .expected("a map", got: node) }
        self = [:]
        for pair in pairs {
            do {
                self[pair.key] = try Value(reading: pair.value)
            } catch {
                throw FieldProblem(
                    error.message, part: ".\(pair.key)\(error.part)", at: error.location ?? pair.value.location)
            }
        }
    }

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
        guard let text = node.scalar?.text, let choice = Self(rawValue: text) else {
            let nearest = Spelling.nearest(to: node.scalar?.text ?? "", among: Self.allCases.map(\.rawValue))
            let help = nearest.map { "; did you mean '\($0)'?" } ?? ""
            throw FieldProblem("must be \(Self.expectation), got \(node.found)\(help)")
        }
        self = choice
    }
}
