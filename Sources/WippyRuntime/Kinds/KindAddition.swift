public import WippyDefinition

/// What a program adds by its list of kinds to what it has, and what is no kind of entry: a middleware, a command.
///
/// Whoever it is for finds the type in ``KindCatalog/additions``; no entry is of it.
public protocol KindAddition: EntryKind where Config == NoConfig, Component == Never {
    /// What is added.
    associatedtype Added
}

extension KindAddition {
    /// None, since no entry is of it.
    public static var name: KindName { "" }

    /// None, since no entry is of it.
    public static var summary: String { "" }

    /// Nothing, since no entry is of it.
    public func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }

    fileprivate var added: Any.Type { Added.self }
}

extension [any EntryKind] {
    /// The types that are added beside kinds of entries, in order.
    package var additions: [Any.Type] { compactMap { ($0 as? any KindAddition)?.added } }
}
