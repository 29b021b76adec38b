public import WippyText

/// A value of a definition file, with its place.
public struct Node: Sendable {
    /// The value.
    public enum Content: Sendable {
        /// A text, a number, a truth value or null.
        case scalar(Scalar)
        /// A list.
        case sequence([Node])
        /// A map, in the order of the file. Its keys are unique.
        case mapping([Pair])
    }

    /// A key of a map, its place, and its value.
    public struct Pair: Sendable {
        /// The key.
        public let key: ExactText
        /// The place of the key.
        public let keyLocation: Location
        /// The value of the key.
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

    /// The value.
    public var content: Content

    /// Its place in a file, or its option.
    public let location: Location

    /// Where the value comes from if it is not written at its place: a file or a variable.
    public internal(set) var origin: Origin?

    /// Whether the value must not be shown, because it has the text of a secret variable, or its field is secret.
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

    /// The pair with exactly this key; nil if this is no map, or has no such key.
    public func pair(_ key: String) -> Pair? {
        pairs.first { ExactText.areEqual($0.key.string, key) }
    }

    /// The value of exactly this key; nil if this is no map, or has no such key.
    public subscript(key: String) -> Node? { pair(key)?.value }

    /// The scalar; nil if this is a list or a map.
    public var scalar: Scalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// Whether this is null: a key without a value, `null` or `~`.
    public var isNull: Bool { scalar?.value == .null }

    /// Whether this is a map, empty or not.
    public var isMap: Bool {
        if case .mapping = content { true } else { false }
    }

    /// The value in words, for "got …" in an error: `a list`, `'80 80'`, `nothing`, `a secret`.
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
