/// The rule for unknown fields: those that no call of a ``FieldReader`` has read.
public enum UnknownFieldRule: Sendable {
    /// An unknown field is an error.
    case error
    /// An unknown field is an error if its name resembles the name of a known field of the same map.
    ///
    /// Otherwise it is a warning.
    case errorIfMisspelt
    /// An unknown field is a warning, because the file may have settings of other programs.
    case warning
    /// An unknown field is not reported.
    case silence

    /// Returns the severity of an unknown field, and the sentence about it; nil if it is not reported.
    func problem(with path: String, isMisspelt: Bool) -> (severity: Diagnostic.Severity, sentence: String)? {
        switch self {
        case .error: (.error, "unknown field '\(path)'")
        case .errorIfMisspelt: (isMisspelt ? .error : .warning, "unknown field '\(path)'")
        case .warning: (.warning, "'\(path)' has no effect here")
        case .silence: nil
        }
    }
}

/// The map that a ``FieldReader`` reads.
struct FieldRoot: Sendable {
    /// The map.
    let data: Node

    /// An entry's `meta`, for paths that begin with `meta`; nil if the map is not an entry.
    let meta: Node?

    /// The entry whose fields are read; nil if the map does not belong to an entry.
    let entry: EntryID?

    /// The place where missing fields are reported.
    let location: Location

    /// The text before a path in messages, such as `modules[0].` for an element of a list.
    let name: String

    /// True if the map was made for an element that is only the value of one field.
    ///
    /// Messages then name the element.
    let isShort: Bool

    /// The rule for unknown fields.
    let unknownFields: UnknownFieldRule

    /// The value of the variable that the entry declares; nil if the entry is not a variable.
    let variable: VariableValue?

    /// True if values in the map may come from variables.
    let namesVariables: Bool

    /// True if a field such as `addr_env` can name a variable for another field, as in an entry.
    var hasVariableFields: Bool { entry != nil && namesVariables }

    /// Creates the root for an entry's fields.
    init(_ declaration: EntryDeclaration, unknownFields: UnknownFieldRule) {
        (data, meta, entry) = (declaration.data, declaration.meta, declaration.id)
        (location, name, isShort, self.unknownFields) = (declaration.location, "", false, unknownFields)
        (variable, namesVariables) = (declaration.variable, declaration.namesVariables)
    }

    /// Creates the root for a file's map.
    init(_ data: Node, unknownFields: UnknownFieldRule) {
        (self.data, meta, entry) = (data, nil, nil)
        (location, name, isShort, self.unknownFields) = (data.location, "", false, unknownFields)
        (variable, namesVariables) = (nil, true)
    }

    /// Creates the root for an element of a list.
    ///
    /// - Parameter field: the field that gets the value of an element that is not a map.
    init(_ element: Node, named name: String, shortFor field: String?, in list: FieldRoot) {
        let field = element.isMap ? nil : field
        data =
            field.map {
                Node(
                    .mapping([Node.Pair(key: $0, keyLocation: element.location, value: element)]), at: element.location)
            } ?? element
        (meta, entry, location) = (nil, list.entry, element.location)
        (self.name, isShort, unknownFields) = (name + ".", field != nil, list.unknownFields)
        (variable, namesVariables) = (nil, list.namesVariables)
    }

    /// Returns the name of a field for a sentence.
    func name(of path: String) -> String { isShort ? mapName : name + path }

    /// The name of the whole map for a sentence.
    var mapName: String { name.isEmpty ? "data" : String(name.dropLast()) }

    /// Returns a diagnostic about the map.
    func problem(_ severity: Diagnostic.Severity, at location: Location, _ sentence: String) -> Diagnostic {
        Diagnostic(severity, at: location, entry: entry, sentence)
    }
}
