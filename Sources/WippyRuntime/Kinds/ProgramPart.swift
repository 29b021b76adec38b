/// A part of a program, in its list of kinds, such as a kind of entries, a middleware or a Lua module.
public protocol ProgramPart: Sendable {
    /// Adds the part to the lists in which the program looks for it.
    ///
    /// ``EntryKind``, ``ProgramAddition``, ``FamilyCheck`` and the protocols that refine them implement this method.
    /// Implement it yourself in a part that conforms to none of these protocols, or if the compiler cannot choose
    /// between two of their implementations.
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
