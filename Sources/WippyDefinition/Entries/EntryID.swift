import WippyText

/// The id of an entry: `namespace:name`.
///
/// Ids are compared byte for byte. The first colon separates the namespace from the name, so a name can have colons.
public struct EntryID: Sendable {
    /// The part before the first colon.
    public let namespace: String

    /// The part after the first colon.
    public let name: String

    /// Creates an id from its two parts.
    ///
    /// The namespace must have no colon.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Reads a full id: `namespace:name`.
    ///
    /// - Returns: nil if the text has no colon, or if the part before or after the first colon is blank.
    public init?(_ text: String) {
        self.init(text, relativeTo: "")
    }

    /// Reads an id: `namespace:name`, or `name` or `:name` for an entry of the given namespace.
    ///
    /// - Returns: nil if the namespace or the name is blank.
    public init?(_ text: String, relativeTo namespace: String) {
        let parts = text.unicodeScalars.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let (own, name) = parts.count == 2 ? (parts[0], parts[1]) : ("", text)
        let namespace = own.isEmpty ? namespace : own
        guard !namespace.allSatisfy(\.isWhitespace), !name.allSatisfy(\.isWhitespace) else { return nil }
        self.init(namespace: namespace, name: name)
    }
}

extension EntryID: Hashable {
    /// Returns true if the namespaces have the same bytes, and the names too.
    public static func == (left: EntryID, right: EntryID) -> Bool {
        ExactText.areEqual(left.name, right.name) && ExactText.areEqual(left.namespace, right.namespace)
    }

    /// Hashes the namespace and the name.
    public func hash(into hasher: inout Hasher) {
        ExactText.hash(namespace, into: &hasher)
        ExactText.hash(name, into: &hasher)
    }
}

extension EntryID: Comparable {
    /// Orders ids by their namespaces, then by their names, byte for byte.
    public static func < (left: EntryID, right: EntryID) -> Bool {
        ExactText.areEqual(left.namespace, right.namespace)
            ? ExactText.precedes(left.name, right.name) : ExactText.precedes(left.namespace, right.namespace)
    }
}

extension EntryID: CustomStringConvertible {
    /// The id in the form `namespace:name`.
    public var description: String { "\(namespace):\(name)" }
}
