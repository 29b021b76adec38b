public import WippyDefinition

/// Something in a program's list of kinds that is no kind of entry: a middleware, a command, a module of Lua scripts.
///
/// The part that uses it finds it in ``KindCatalog/additions``. No entry can have it as its kind.
public protocol KindAddition: EntryKind where Config == NoConfig, Component == Never {
    /// What is added: a type, or a value.
    var added: any Sendable { get }
}

extension KindAddition {
    /// Empty, because no entry has this kind.
    public static var name: KindName { "" }

    /// Empty, because no entry has this kind.
    public static var summary: String { "" }

    /// Nothing, because no entry has this kind.
    public func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
}

extension [any EntryKind] {
    /// What is added beside kinds of entries, in order.
    package var additions: [any Sendable] { compactMap { ($0 as? any KindAddition)?.added } }

    /// The list with other kinds in the places of those that have their Swift types.
    package func replacing(with others: [any EntryKind]) -> [any EntryKind] {
        map { kind in others.first { type(of: $0) as Any.Type == type(of: kind) } ?? kind }
    }
}
