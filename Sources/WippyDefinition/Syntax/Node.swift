public import WippyText

/// A piece of a definition file: a value and the place where it stands.
public struct Node: Sendable {
    /// What stands there.
    public enum Content: Sendable {
        /// One word, number, text or nothing.
        case scalar(Scalar)
        /// A list.
        case sequence([Node])
        /// A map, in the order in which it was written; its keys are unique.
        case mapping([Pair])
    }

    /// A key of a map, its place, and its value.
    public struct Pair: Sendable {
        /// The key.
        public let key: ExactText
        /// Where the key stands.
        public let keyLocation: Location
        /// What belongs to the key.
        public var value: Node

        /// Creates a pair.
        public init(key: String, keyLocation: Location, value: Node) {
            self.key = ExactText(key)
            self.keyLocation = keyLocation
            self.value = value
        }
    }

    /// What stands there.
    public var content: Content

    /// Where it stands, or the option that it came from.
    public let location: Location

    /// Where the value was taken from, when that is not where it stands: the path of the file that `file://` names.
    public let provenance: String?

    /// Creates a node.
    public init(_ content: Content, at location: Location, provenance: String? = nil) {
        self.content = content
        self.location = location
        self.provenance = provenance
    }

    /// The pairs of a map; empty for anything else.
    public var pairs: [Pair] {
        if case .mapping(let pairs) = content { pairs } else { [] }
    }

    /// The pair with exactly this key, if this is a map that has it.
    public func pair(_ key: String) -> Pair? {
        pairs.first { ExactText.areEqual($0.key.string, key) }
    }

    /// The value of exactly this key, if this is a map that has it.
    public subscript(key: String) -> Node? { pair(key)?.value }

    /// The scalar, if this is one.
    public var scalar: Scalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// Whether this is an empty scalar: a key with nothing behind it, `null` or `~`.
    public var isNull: Bool { scalar?.value == .null }

    /// Whether this is a map, empty or not.
    public var isMap: Bool {
        if case .mapping = content { true } else { false }
    }

    /// What this is, for a sentence that says what was found: `a list`, `'80 80'`, `nothing`.
    public var found: String {
        let suffix = provenance.map { " from \($0)" } ?? ""
        return switch content {
        case .scalar(let scalar): scalar.found + suffix
        case .sequence: "a list" + suffix
        case .mapping: "a map" + suffix
        }
    }
}
