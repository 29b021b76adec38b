public import LuaEngine
import WippyDefinition
import WippyText
public import WippyValues

extension LuaStack {
    /// Returns the values of a table whose names are fixed; see ``NamedValues``.
    ///
    /// If the position has no table, or a list, there are no values.
    ///
    /// - Throws: `LuaError` with the kind `Invalid` when the table has a misspelling of one of the names, or cannot be
    ///   copied.
    public func namedValues<Name>(at index: Int, as names: Name.Type) throws(LuaError) -> NamedValues<Name> {
        let table: Value
        do throws(LuaRaise) {
            table = try dataValue(at: index)
        } catch {
            throw .invalid("\(error)")
        }
        return try NamedValues(table)
    }
}

/// The values of a table whose names are fixed, such as the entry that a script creates.
///
/// The cases of `Name` are the names. For a table of options, take `LuaStack.options(at:leavingOut:_:)`, which also
/// checks the values.
///
/// ```swift
/// enum FileField: String, CaseIterable { case name, content }
///
/// let file = try stack.namedValues(at: 2, as: FileField.self)
/// guard let content = file[.content]?.string else { … }
/// ```
public struct NamedValues<Name: CaseIterable & RawRepresentable<String>> {
    private let values: ValueMap

    /// Takes the values of a table.
    ///
    /// A name that is neither one of the fixed names nor a misspelling has no effect.
    ///
    /// - Parameter table: a copy of the table. If it is not a map, there are no values.
    /// - Throws: `LuaError` with the kind `Invalid` when the table has a misspelt name.
    public init(_ table: Value) throws(LuaError) {
        values = table.map ?? ValueMap()
        let known = Name.allCases.map(\.rawValue)
        for (name, _) in values where !known.contains(where: { ExactText.areEqual($0, name) }) {
            guard let nearest = Spelling.nearest(to: name, among: known) else { continue }
            throw .invalid(FieldProblem("unknown field '\(name)'").suggesting(nearest).message)
        }
    }

    /// Returns the value with a name; nil if the table does not have it.
    public subscript(name: Name) -> Value? { values[name.rawValue] }
}
