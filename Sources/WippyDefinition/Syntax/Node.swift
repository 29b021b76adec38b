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
        /// For a key such as `addr_env`, the text of the variable that its value names: what `addr` takes.
        var variable: Node?

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

    /// Where the value was taken from, when that is not where it stands.
    public internal(set) var origin: Origin?

    /// Whether nothing may show the value: it holds the text of a secret variable, or its field is one for secrets.
    public internal(set) var isSecret: Bool

    /// Creates a node.
    public init(_ content: Content, at location: Location, origin: Origin? = nil, isSecret: Bool = false) {
        self.content = content
        self.location = location
        self.origin = origin
        self.isSecret = isSecret
    }

    /// Another value in the same place, from where this one is.
    func with(_ content: Content) -> Node {
        Node(content, at: location, origin: origin, isSecret: isSecret)
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

    /// What this is, for a sentence that says what was found: `a list`, `'80 80'`, `nothing`; `a secret` for one.
    public var found: String {
        let suffix = origin?.words ?? ""
        if isSecret { return "a secret" + suffix }
        return switch content {
        case .scalar(let scalar): scalar.found + suffix
        case .sequence: "a list" + suffix
        case .mapping: "a map" + suffix
        }
    }
}

extension Node {
    /// The value with all that is below it, of which nothing may be shown.
    var asSecret: Node {
        var node = self
        node.isSecret = true
        switch content {
        case .scalar: break
        case .sequence(let elements): node.content = .sequence(elements.map(\.asSecret))
        case .mapping(let pairs):
            node.content = .mapping(
                pairs.map { pair in
                    var pair = pair
                    pair.value = pair.value.asSecret
                    return pair
                })
        }
        return node
    }

    /// The first value in it, itself included, of which something is so.
    func first(where isMeant: (Node) -> Bool) -> Node? {
        if isMeant(self) { return self }
        switch content {
        case .scalar: break
        case .sequence(let elements):
            for element in elements { if let found = element.first(where: isMeant) { return found } }
        case .mapping(let pairs):
            for pair in pairs { if let found = pair.value.first(where: isMeant) { return found } }
        }
        return nil
    }
}
