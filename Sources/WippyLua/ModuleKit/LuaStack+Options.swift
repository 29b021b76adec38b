public import LuaEngine
public import WippyDefinition
import WippyText
import WippyValues

extension LuaStack {
    /// Returns the options that a script gives in a table.
    ///
    /// Declare the options as a kind declares the fields of its entries. A missing option has its default, and so has
    /// each option if the position has nil. An option that is not declared has no effect, unless its name resembles
    /// that of a declared one. An empty table counts as a list if the form of the option is a list. If a whole number
    /// may come from a calculation, take ``ScriptInteger`` instead of `Int`.
    ///
    /// ```swift
    /// let length = try stack.options(at: 2) { options in
    ///     options.optional("length", default: 80, in: 1...1000, "The largest number of letters.")
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - index: the position of the table.
    ///   - names: the options whose values may be bytes, which no field takes. `read` declares them, too, but does not
    ///     get their values. Default: none.
    ///   - read: declares the options and reads them.
    /// - Throws: `LuaError` with the kind `Invalid` when the position has neither a table nor nil, when a required
    ///   option is missing, when an option has a value that it cannot have, and when the name of an option is misspelt.
    public func options<Options>(
        at index: Int, leavingOut names: [String] = [], _ read: (inout FieldReader) -> Options
    ) throws(LuaError) -> Options {
        var table = ValueMap()
        if !isNil(at: index) {
            guard type(at: index) == .table else {
                throw .invalid("options must be a table, got \(typeName(at: index))")
            }
            table = try namedValues(at: index, without: names)
            if table.hasEmptyTables {
                var fields = FieldReader(describingIn: "")
                _ = read(&fields)
                table = table.withEmptyLists(at: fields.descriptions.filter(\.form.isList).map(\.path))
            }
        }
        do throws(FieldProblem) {
            return try FieldReader.read(table, unknownFields: .errorIfMisspelt, read)
        } catch {
            throw .invalid(error.message)
        }
    }

    /// Returns the values of a table whose keys are texts.
    private func namedValues(at index: Int, without names: [String]) throws(LuaError) -> ValueMap {
        var values: [(String, Value)] = []
        do throws(LuaRaise) {
            try forEachPair(at: index) { () throws(LuaRaise) in
                guard type(at: -2) == .string, let name = string(at: -2),
                    !names.contains(where: { ExactText.areEqual($0, name) })
                else { return }
                values.append((name, try dataValue(at: -1)))
            }
        } catch {
            throw .invalid("\(error)")
        }
        return ValueMap(values, onRepeatedKey: .keepLast)
    }
}

extension ValueMap {
    /// True if the map or a map in it has an empty map.
    fileprivate var hasEmptyTables: Bool {
        contains { $0.value.map.map { $0.isEmpty || $0.hasEmptyTables } ?? false }
    }

    /// Returns the map with an empty list in place of each empty map that is at one of the paths.
    fileprivate func withEmptyLists(at paths: [String], below parent: String = "") -> ValueMap {
        var map = self
        for (name, value) in self {
            guard case .map(let inner) = value else { continue }
            let path = parent + name
            if !inner.isEmpty {
                map[name] = .map(inner.withEmptyLists(at: paths, below: "\(path)."))
            } else if paths.contains(where: { ExactText.areEqual($0, path) }) {
                map[name] = .list([])
            }
        }
        return map
    }
}

extension FieldForm {
    fileprivate var isList: Bool {
        switch self {
        case .list, .maps: true
        default: false
        }
    }
}
