public import WippyText
public import WippyValues

/// A field that was read: its value and the source of the value.
public struct ReadField: Sendable {
    /// The source of a field's value.
    public enum Source: Sendable {
        /// The entry has the field.
        ///
        /// The location is the place of the value. If the value comes from another file or from a variable, it has an
        /// origin.
        case written(Location, Origin?)
        /// The entry does not have the field, so the value is its default.
        case standard
        /// The entry does not have the field, and there is no fixed default.
        case nothing
    }

    /// The path of the field, such as `timeouts.header`.
    public let path: String

    /// The names in the path, such as `timeouts` and `header`.
    ///
    /// A name can contain dots, such as `cors.max.age` in `options`.
    public let names: [ExactText]

    /// The value, or the default.
    ///
    /// It is null for a secret, for a placeholder whose variable has no text, and if there is neither a value nor a
    /// fixed default.
    public let value: Value

    /// The source of the value.
    public let source: Source

    /// True if the value is a secret.
    public let isSecret: Bool

    /// True if the field is accepted but has no effect.
    public let isIgnored: Bool
}

extension FieldReader {
    /// Reads the fields of a declaration, in order to show them.
    ///
    /// - Parameters:
    ///   - declaration: the entry as its file declares it.
    ///   - read: reads the fields.
    /// - Returns: the fields that the closure reads, in the order of reading. Fields without effect are included only
    ///   if the entry has them. Refused fields are never included.
    public static func fields(of declaration: EntryDeclaration, _ read: (inout FieldReader) -> Void) -> [ReadField] {
        var fields = FieldReader(declaration)
        fields.values.written = [:]
        read(&fields)
        return fields.readFields
    }

    private var readFields: [ReadField] {
        var seen: Set<ExactText> = []
        return descriptions.flatMap { field -> [ReadField] in
            guard seen.insert(ExactText(field.path)).inserted else { return [] }
            let node = values.written?[ExactText(field.path)]
            if field.path == Self.anyPath { return everything(in: node) }
            switch (node, field.presence) {
            case (let node?, .ignored): return [ReadField(field.path, names(of: field.path), node, isIgnored: true)]
            case (let node?, .required), (let node?, .optional):
                return [ReadField(field.path, names(of: field.path), node)]
            case (nil, .required): return [ReadField(field.path, names(of: field.path))]
            case (nil, .optional(let written)):
                return [ReadField(field.path, names(of: field.path), default: written)]
            case (_, .refused), (nil, .ignored): return []
            }
        }
    }

    /// Returns the fields of a map that is read as a whole.
    private func everything(in node: Node?) -> [ReadField] {
        node.map { $0.pairs.map { ReadField($0.key.string, [$0.key], $0.value) } } ?? []
    }

    private func names(of path: String) -> [ExactText] {
        let (outer, name) = map.flatMap(holding: path).map { ($0.map, [ExactText($0.name)]) } ?? (path, [])
        return outer.unicodeScalars.split(separator: ".").map { ExactText(String($0)) } + name
    }

    /// Returns the fields that the entry has, as one map.
    func writtenMap(at place: Location) -> Node {
        let pairs = descriptions.compactMap { field in
            values.written?[ExactText(field.path)].map {
                Node.Pair(key: field.path, keyLocation: $0.location, value: $0)
            }
        }
        return Node(.mapping(pairs), at: place)
    }
}

extension ReadField {
    /// Creates a field that the entry has.
    ///
    /// - Parameters:
    ///   - path: the path of the field.
    ///   - names: the keys that lead to the field.
    ///   - node: the value.
    ///   - isIgnored: true if the field has no effect. Default: false.
    public init(_ path: String, _ names: [ExactText], _ node: Node, isIgnored: Bool = false) {
        self.init(
            path: path, names: names, value: node.shown, source: .written(node.location, node.origin),
            isSecret: node.isSecret, isIgnored: isIgnored)
    }

    /// Creates a field that the entry does not have.
    fileprivate init(_ path: String, _ names: [ExactText], default text: String? = nil) {
        self.init(
            path: path, names: names, value: text.map(Self.value) ?? .null, source: text == nil ? .nothing : .standard,
            isSecret: false, isIgnored: false)
    }

    /// Returns the value of a default that is given as text.
    private static func value(of written: String) -> Value {
        let node = YAMLComposer.compose(SourceFile(path: "", text: written)).root
        return node.flatMap { try? Value(reading: $0) } ?? .string(written)
    }
}

extension Node {
    /// The value as data, with null in place of each secret and of each value that cannot be read.
    public var shown: Value {
        if isSecret || origin == .missingVariable { return .null }
        return switch structured.content {
        case .scalar: (try? Value(reading: self)) ?? .null
        case .sequence(let elements): .list(elements.map(\.shown))
        case .mapping(let pairs):
            .map(ValueMap(pairs.map { ($0.key.string, $0.value.shown) }, onRepeatedKey: .keepLast))
        }
    }
}
