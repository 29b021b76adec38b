import WippyText
public import WippyValues

extension Value: FieldValue {
    /// Any value at all.
    public static var expectation: String { "any value" }

    /// Nothing.
    public static var placeholder: Value { .null }

    /// Reads a node by the core schema: a quoted number is a text.
    public init(reading node: Node) throws(FieldProblem) {
        switch node.structured.content {
        case .scalar(let scalar): self.init(scalar)
        case .sequence(let nodes):
            var list: [Value] = []
            for node in nodes { list.append(try Value(reading: node)) }
            self = .list(list)
        case .mapping(let pairs):
            var map: [(String, Value)] = []
            for pair in pairs { map.append((pair.key.string, try Value(reading: pair.value))) }
            self = .map(ValueMap(map, onRepeatedKey: .keepLast))
        }
    }

    private init(_ scalar: Scalar) {
        switch scalar.value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .float(let value): self = UInt64(scalar.text).map(Value.unsigned) ?? .float(value)
        case .text(let value): self = .string(value)
        }
    }

    /// The value as JSON, which is YAML too.
    public var written: String { JSON.text(of: self) }
}
