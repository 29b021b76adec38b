/// A part of a program, in its list of kinds, such as a kind of entries, a middleware or a Lua module.
public protocol ProgramPart: Sendable {
    /// Adds the part to the list of each type by which the program looks for it.
    ///
    /// ``EntryKind``, ``ProgramAddition`` and the protocols that refine them implement this method. A part that
    /// conforms to none of them, or to two of them, implements it itself.
    func list(in parts: inout ProgramParts)
}

/// A part of a program that is not a kind, such as a middleware or a module for Lua scripts.
///
/// The family of kinds that uses the addition finds it with ``Program/additions(as:)``.
public protocol ProgramAddition: ProgramPart {
    /// The type under which the program lists the addition.
    associatedtype Listed: Sendable

    /// The added type or value.
    var added: Listed { get }
}

extension ProgramAddition {
    /// Adds ``added`` to the program's additions.
    public func list(in parts: inout ProgramParts) { parts.add(added, as: Listed.self) }
}

/// The parts of a program, grouped by type: all kinds of entries, all kinds of queue drivers, all additions.
public struct ProgramParts: Sendable {
    private var lists: [ObjectIdentifier: any Sendable] = [:]

    /// Lists the parts.
    init(_ parts: [any ProgramPart]) {
        for part in parts { part.list(in: &self) }
    }

    /// Adds a part to the list of a type.
    public mutating func add<Part: Sendable>(_ part: Part, as type: Part.Type) {
        lists[ObjectIdentifier(type)] = self[type] + [part]
    }

    /// The parts in the list of a type, in order.
    public subscript<Part: Sendable>(type: Part.Type) -> [Part] { lists[ObjectIdentifier(type)] as? [Part] ?? [] }
}

extension [any ProgramPart] {
    /// Returns the list with other kinds in place of the kinds that have the same Swift types.
    ///
    /// Use this method for the kinds with code of yours inside, such as `HTTPKinds.endpoint`. If the list has no kind
    /// of such a type, for example because `HTTPKinds.all` is missing, then `lint` and `run` report an error.
    public func replacing(with others: [any EntryKind]) -> [any ProgramPart] {
        let types = Set(map { ObjectIdentifier(type(of: $0) as Any.Type) })
        let missing = others.filter { !types.contains(ObjectIdentifier(type(of: $0) as Any.Type)) }
        return replacingListed(with: others) + missing.map { MissingReplacement(of: $0) }
    }

    /// Returns the list with other kinds in place of the kinds that have the same Swift types.
    ///
    /// A kind whose type the list does not have is left out. So code that does not know the program can use the method.
    package func replacingListed(with others: [any EntryKind]) -> [any ProgramPart] {
        map { part in others.first { type(of: $0) as Any.Type == type(of: part) } ?? part }
    }
}

/// A kind that has replaced nothing, as an element of the list from which its type is missing.
struct MissingReplacement: ProgramPart {
    /// The error, in one sentence.
    let mistake: String

    init(of kind: any EntryKind) {
        mistake =
            "the kind '\(type(of: kind).name)' (\(String(reflecting: type(of: kind)))) replaces nothing; "
            + "the list before 'replacing(with:)' must have a kind of this type"
    }

    func list(in parts: inout ProgramParts) { parts.add(self, as: MissingReplacement.self) }
}
