public import WippyDefinition

/// Something in a program's list of kinds that is no kind of entry, such as a middleware or a command.
///
/// The part that uses it finds its type in ``KindCatalog/additions``. No entry can have it as its kind.
public protocol KindAddition: EntryKind where Config == NoConfig, Component == Never {
    /// The added type.
    associatedtype Added
}

extension KindAddition {
    /// Empty, because no entry has this kind.
    public static var name: KindName { "" }

    /// Empty, because no entry has this kind.
    public static var summary: String { "" }

    /// Nothing, because no entry has this kind.
    public func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }

    fileprivate var added: Any.Type { Added.self }
}

extension [any EntryKind] {
    /// The types that are added beside kinds of entries, in order.
    package var additions: [Any.Type] { compactMap { ($0 as? any KindAddition)?.added } }
}
