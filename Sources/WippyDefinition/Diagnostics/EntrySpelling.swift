import WippyText

/// Suggests the entry that an unknown id probably means.
///
/// It looks for a similar name in the same namespace, and then for the same name in other namespaces.
public struct EntrySpelling: Sendable {
    private var names: [ExactText: SpellingIndex] = [:]
    private var namespaces: [ExactText: [String]] = [:]
    private var remaining: Int

    /// Creates an index of ids.
    ///
    /// - Parameters:
    ///   - ids: the ids that can be suggested.
    ///   - searchLimit: the largest number of searches. Later searches return nil. Default: 100.
    public init(_ ids: some Sequence<EntryID>, searchLimit: Int = 100) {
        remaining = searchLimit
        for id in ids {
            names[ExactText(id.namespace), default: SpellingIndex([])].insert(id.name)
            namespaces[ExactText(id.name), default: []].append(id.namespace)
        }
    }

    /// Returns the entry that an unknown id probably means.
    ///
    /// - Returns: the id of that entry; nil if no entry is similar enough, or if the limit of searches is reached.
    public mutating func nearest(to id: EntryID) -> EntryID? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        if let name = names[ExactText(id.namespace)]?.nearest(to: id.name) {
            return EntryID(namespace: id.namespace, name: name)
        }
        let others = namespaces[ExactText(id.name)] ?? []
        let near = SpellingIndex(others).nearest(to: id.namespace) ?? (others.count == 1 ? others[0] : nil)
        return near.map { EntryID(namespace: $0, name: id.name) }
    }
}
