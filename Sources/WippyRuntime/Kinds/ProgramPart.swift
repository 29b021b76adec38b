/// What a program's list of kinds holds: a kind of entries, or an addition such as a middleware.
public protocol ProgramPart: Sendable {}

/// Something in a program's list of kinds that is no kind of entry: a middleware, a command, a module of Lua scripts.
///
/// The part that uses it finds it in ``KindCatalog/additions``.
public protocol KindAddition: ProgramPart {
    /// What is added: a type, or a value.
    var added: any Sendable { get }
}

extension [any ProgramPart] {
    /// What is added beside kinds of entries, in order.
    package var additions: [any Sendable] { compactMap { ($0 as? any KindAddition)?.added } }

    /// The list with other kinds in the places of those that have their Swift types.
    package func replacing(with others: [any EntryKind]) -> [any ProgramPart] {
        map { part in others.first { type(of: $0) as Any.Type == type(of: part) } ?? part }
    }
}
