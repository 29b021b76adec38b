public import WippyText

/// A value of a definition file, with its place.
public struct Node: Sendable {
    /// The content of a node.
    public enum Content: Sendable {
        /// A text, a number, a truth value or null.
        case scalar(Scalar)
        /// A list.
        case sequence([Node])
        /// A map, in order.
        ///
        /// No key occurs twice.
        case mapping([Pair])
    }

    /// A key of a map, with its place and its value.
    public struct Pair: Sendable {
        /// The key.
        public let key: ExactText
        /// The place of the key.
        public let keyLocation: Location
        /// The value of the key.
        public var value: Node
        /// For a key such as `addr_env`, the text of the variable that the value names; nil if it names no variable.
        var variable: Node?

        /// Creates a pair.
        public init(key: String, keyLocation: Location, value: Node) {
            self.key = ExactText(key)
            self.keyLocation = keyLocation
            self.value = value
        }
    }

    /// The content: a scalar, a list or a map.
    public var content: Content

    /// The place of the value.
    public let location: Location

    /// The origin of the value if it is another file or variables; nil otherwise.
    public internal(set) var origin: Origin?

    /// True if the value has the text of a secret variable, or if a ``FieldReader`` gives it to a secret field.
    ///
    /// Such a value must not be shown.
    public internal(set) var isSecret: Bool

    /// Creates a node.
    ///
    /// - Parameters:
    ///   - content: the content: a scalar, a list or a map.
    ///   - location: the place of the value.
    ///   - origin: the file or variable from which the value comes. Default: nil, none.
    ///   - isSecret: true if the value must not be shown. Default: false.
    public init(_ content: Content, at location: Location, origin: Origin? = nil, isSecret: Bool = false) {
        self.content = content
        self.location = location
        self.origin = origin
        self.isSecret = isSecret
    }

    /// Returns a node with other content, the same place and the same origin.
    func with(_ content: Content) -> Node {
        Node(content, at: location, origin: origin, isSecret: isSecret)
    }

    /// The pairs of a map; empty if the node is not a map.
    public var pairs: [Pair] {
        if case .mapping(let pairs) = content { pairs } else { [] }
    }

    /// Returns the pair with exactly this key; nil if the node is not a map or has no such key.
    public func pair(_ key: String) -> Pair? {
        pairs.first { ExactText.areEqual($0.key.string, key) }
    }

    /// Returns the value of exactly this key; nil if the node is not a map or has no such key.
    public subscript(key: String) -> Node? { pair(key)?.value }

    /// The scalar; nil if the node is a list or a map.
    public var scalar: Scalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// True if the node is null: a key or a dash without a value, `~`, or `null`, `Null` or `NULL` without quotes.
    public var isNull: Bool { scalar?.value == .null }

    /// True if the node is a map, even an empty one.
    public var isMap: Bool {
        if case .mapping = content { true } else { false }
    }

    /// The value in words, for the end of an error sentence, such as `a list`, `'80 80'`, `nothing` or `a secret`.
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
    /// The same node, in which this node and everything below it are marked as secret.
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

    /// Returns the first node for which a closure returns true: this node, or one below it.
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
