public import WippyDefinition

/// An item in a program's list of kinds that is not a kind of entry: a middleware, a command, a module of Lua scripts.
///
/// The code that uses it finds it in ``KindCatalog/additions``. No entry can have it as its kind.
public protocol KindAddition: EntryKind where Config == NoConfig, Component == Never {
    /// The added type or value.
    var added: any Sendable { get }
}

extension KindAddition {
    /// Always empty, because no entry has this kind.
    public static var name: KindName { "" }

    /// Always empty, because no entry has this kind.
    public static var summary: String { "" }

    /// Builds nothing, because no entry has this kind.
    public func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
}

extension [any EntryKind] {
    /// The items of the list that are not kinds of entries, in order.
    package var additions: [any Sendable] { compactMap { ($0 as? any KindAddition)?.added } }

    /// The list with other kinds in the places of those that have their Swift types.
    package func replacing(with others: [any EntryKind]) -> [any EntryKind] {
        map { kind in others.first { type(of: $0) as Any.Type == type(of: kind) } ?? kind }
    }
}
