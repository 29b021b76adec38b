/// What to report about a field that no call reads.
public enum UnknownFieldRule: Sendable {
    /// An error.
    case error
    /// An error if it resembles a known name, otherwise a warning.
    case errorIfMisspelt
    /// A warning, because the file may have settings of other programs.
    case warning
    /// Nothing is said.
    case silence

    /// How bad a field is that nobody knows, and the sentence about it; nil when nothing is said.
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

    /// The map in which paths lead that begin with `meta`, if it is another one: an entry's.
    let meta: Node?

    /// The entry whose fields they are, if they are an entry's.
    let entry: EntryID?

    /// Where what is absent is reported.
    let location: Location

    /// What stands before a path when it is shown: `modules[0].` for an element of a list.
    let name: String

    /// Whether the map stands for an element that only says its one field, and is named as that is.
    let isShort: Bool

    /// What is said of a field that no call reads.
    let unknownFields: UnknownFieldRule

    /// What the variable has been read as that the entry declares, if it declares one.
    let variable: VariableValue?

    /// Whether values in the map may be taken from variables.
    let namesVariables: Bool

    /// An entry's fields.
    init(_ declaration: EntryDeclaration, unknownFields: UnknownFieldRule) {
        (data, meta, entry) = (declaration.data, declaration.meta, declaration.id)
        (location, name, isShort, self.unknownFields) = (declaration.location, "", false, unknownFields)
        (variable, namesVariables) = (declaration.variable, declaration.namesVariables)
    }

    /// A file's map.
    init(_ data: Node, unknownFields: UnknownFieldRule) {
        (self.data, meta, entry) = (data, nil, nil)
        (location, name, isShort, self.unknownFields) = (data.location, "", false, unknownFields)
        (variable, namesVariables) = (nil, true)
    }

    /// An element of a list.
    ///
    /// - Parameter field: the field that an element which is no map says.
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

    /// The name of a field in a sentence.
    func name(of path: String) -> String { isShort ? mapName : name + path }

    /// The word for the whole map in a sentence.
    var mapName: String { name.isEmpty ? "data" : String(name.dropLast()) }

    /// A problem of the map.
    func problem(_ severity: Diagnostic.Severity, at location: Location, _ sentence: String) -> Diagnostic {
        Diagnostic(severity, at: location, entry: entry, sentence)
    }
}
