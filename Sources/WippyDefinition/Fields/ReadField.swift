public import WippyText
public import WippyValues

/// A field that was read: its value, and where the value comes from.
public struct ReadField: Sendable {
    /// Where the value of a field comes from.
    public enum Source: Sendable {
        /// It is written at this place. The origin says if it was taken from elsewhere.
        case written(Location, Origin?)
        /// It is not written, and has a default.
        case standard
        /// It is not written, and has no default.
        case nothing
    }

    /// The path of the field: `timeouts.header`.
    public let path: String

    /// The keys that lead to it, `timeouts` and `header`.
    ///
    /// A key with dots in it is one name.
    public let names: [ExactText]

    /// The written value, with full ids, or else the default; null if it must not be shown.
    public let value: Value

    /// Where the value comes from.
    public let source: Source

    /// Whether commands, the log and errors hide the value.
    public let isSecret: Bool

    /// Whether the value has no effect.
    public let isIgnored: Bool
}

extension FieldReader {
    /// Reads the fields of a declaration to show them.
    ///
    /// - Parameters:
    ///   - declaration: the entry as its file writes it.
    ///   - read: reads the fields.
    /// - Returns: each possible field, in the order of reading. Fields without effect are included only if they are
    ///   written.
    public static func fields(of declaration: EntryDeclaration, _ read: (inout FieldReader) -> Void) -> [ReadField] {
        var fields = FieldReader(declaration)
        fields.written = [:]
        read(&fields)
        return fields.readFields
    }

    private var readFields: [ReadField] {
        var seen: Set<ExactText> = []
        return descriptions.flatMap { field -> [ReadField] in
            guard seen.insert(ExactText(field.path)).inserted else { return [] }
            let node = written?[ExactText(field.path)]
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

    /// The fields of a map that is taken whole.
    private func everything(in node: Node?) -> [ReadField] {
        node.map { $0.pairs.map { ReadField($0.key.string, [$0.key], $0.value) } } ?? []
    }

    private func names(of path: String) -> [ExactText] {
        let (outer, name) = flatMap(holding: path).map { ($0.map, [ExactText($0.name)]) } ?? (path, [])
        return outer.unicodeScalars.split(separator: ".").map { ExactText(String($0)) } + name
    }

    /// The fields that were written, as one map.
    func writtenMap(at place: Location) -> Node {
        let pairs = descriptions.compactMap { field in
            written?[ExactText(field.path)].map { Node.Pair(key: field.path, keyLocation: $0.location, value: $0) }
        }
        return Node(.mapping(pairs), at: place)
    }
}

extension ReadField {
    /// Creates a field that is written.
    public init(_ path: String, _ names: [ExactText], _ node: Node, isIgnored: Bool = false) {
        self.init(
            path: path, names: names, value: node.shown, source: .written(node.location, node.origin),
            isSecret: node.isSecret, isIgnored: isIgnored)
    }

    /// A field that is not.
    fileprivate init(_ path: String, _ names: [ExactText], default text: String? = nil) {
        self.init(
            path: path, names: names, value: text.map(Self.value) ?? .null, source: text == nil ? .nothing : .standard,
            isSecret: false, isIgnored: false)
    }

    /// A default as it would be read if it were written.
    private static func value(of written: String) -> Value {
        let node = YAMLComposer.compose(SourceFile(path: "", text: written)).root
        return node.flatMap { try? Value(reading: $0) } ?? .string(written)
    }
}

extension Node {
    /// The value with null in place of each secret.
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
