import WippyText
public import WippyValues

extension Value: FieldValue {
    /// The form of the field: any value.
    public static var form: FieldForm { .any }

    /// The value that stands in for one that cannot be read: null.
    public static var substitute: Value { .null }

    /// Reads a node by the core schema of YAML, so a quoted number is a text.
    ///
    /// - Throws: ``FieldProblem`` if a text from a variable or an option begins as a list or a map but is not one. A
    ///   secret is not checked for this.
    public init(reading node: Node) throws(FieldProblem) {
        switch try node.structure().content {
        case .scalar(let scalar): self.init(scalar)
        case .sequence(let nodes):
            var list: [Value] = []
            for (index, node) in nodes.enumerated() { list.append(try Value(reading: node, as: "[\(index)]")) }
            self = .list(list)
        case .mapping(let pairs):
            var map: [(String, Value)] = []
            for pair in pairs { map.append((pair.key.string, try Value(reading: pair.value, as: ".\(pair.key)"))) }
            self = .map(ValueMap(map, onRepeatedKey: .keepLast))
        }
    }

    /// Reads a part of a value, and adds the name of the part to an error.
    private init(reading node: Node, as part: String) throws(FieldProblem) {
        do {
            try self.init(reading: node)
        } catch {
            throw FieldProblem(error.message, part: part + error.part, at: error.location, suggestion: error.suggestion)
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

    /// Reads a value from YAML text, such as the default of a field; nil if the text has no value that can be read.
    package init?(writtenInYAML text: String) {
        let file = SourceFile(path: "", text: text)
        guard let root = YAMLComposer.compose(file).root, let value = try? Value(reading: root) else { return nil }
        self = value
    }

    /// The value as JSON, which is also YAML.
    public var written: String { JSON.text(of: self) }
}

extension Node {
    /// Creates a node from data, with one place for all its parts.
    ///
    /// No field takes bytes. They become an empty list, so that each field refuses them.
    init(_ value: Value, at place: Location) {
        let content: Content =
            switch value {
            case .string(let text): .scalar(Scalar(text, style: .quoted))
            case .bytes: .sequence([])
            case .list(let elements): .sequence(elements.map { Node($0, at: place) })
            case .map(let map):
                .mapping(map.map { Pair(key: $0.key, keyLocation: place, value: Node($0.value, at: place)) })
            default: .scalar(Scalar(JSON.text(of: value), style: .plain))
            }
        self.init(content, at: place)
    }

    /// Returns the node as data, with null in place of secrets and of values that cannot be read.
    ///
    /// - Parameter places: the places of the values of secret fields.
    package func value(hiding places: Set<Location>) -> Value {
        switch content {
        case _ where isSecret || places.contains(location): .null
        case .scalar: (try? Value(reading: self)) ?? .null
        case .sequence(let nodes): .list(nodes.map { $0.value(hiding: places) })
        case .mapping(let pairs):
            .map(
                ValueMap(pairs.map { ($0.key.string, $0.value.value(hiding: places)) }, onRepeatedKey: .keepLast))
        }
    }
}
