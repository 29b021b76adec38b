import WippyText

/// Finds the entry that a reference to nothing probably means.
///
/// It looks in this order: a similar name in the same namespace, the same name in a similar namespace, the same name in
/// the only other namespace that has it. The number of searches is limited: if everything in a project leads nowhere,
/// there is one cause, and the first hundred lines show it.
public struct EntrySpelling: Sendable {
    private var names: [ExactText: SpellingIndex] = [:]
    private var namespaces: [ExactText: [String]] = [:]
    private var remaining: Int

    /// Creates an index.
    ///
    /// - Parameters:
    ///   - ids: the ids that a suggestion can name.
    ///   - searchLimit: how many searches it makes; later ones find nothing.
    public init(_ ids: some Sequence<EntryID>, searchLimit: Int = 100) {
        remaining = searchLimit
        for id in ids {
            names[ExactText(id.namespace), default: SpellingIndex([])].insert(id.name)
            namespaces[ExactText(id.name), default: []].append(id.namespace)
        }
    }

    /// The entry that was probably meant; nil if none is similar enough, or the searches are used up.
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
