import WippyText

/// The declaration of an entry, before its kind has read it.
public final class EntryDeclaration: Sendable {
    /// The entry's full id.
    public let id: EntryID

    /// The name of the entry's kind, even if the program does not have this kind.
    public let kind: String

    /// The place of the value of `kind`.
    public let kindLocation: Location

    /// The place of the value of `name`.
    public let location: Location

    /// The `meta` of the entry, together with the `meta` of its file.
    ///
    /// If both have a key, the entry's value takes precedence. An entry of a module also gets the name of the module
    /// under the key `module`.
    public let meta: Node

    /// The entry's own fields: the value of `data` if the entry has that key, otherwise a map of its fields except
    /// `name`, `kind` and `meta`.
    public let data: Node

    /// The value of the variable that the entry declares; nil if there is none.
    public let variable: VariableValue?

    /// True if values of the entry may name variables, or come from variables.
    let namesVariables: Bool

    /// Creates a declaration without the value of a variable.
    public convenience init(
        id: EntryID, kind: String, kindLocation: Location, location: Location, meta: Node, data: Node
    ) {
        self.init(
            id: id, kind: kind, kindLocation: kindLocation, location: location, meta: meta, data: data, variable: nil,
            namesVariables: meta.mayNameVariables || data.mayNameVariables)
    }

    private init(
        id: EntryID, kind: String, kindLocation: Location, location: Location, meta: Node, data: Node,
        variable: VariableValue?, namesVariables: Bool
    ) {
        self.id = id
        self.kind = kind
        self.kindLocation = kindLocation
        self.location = location
        self.meta = meta
        self.data = data
        self.variable = variable
        self.namesVariables = namesVariables
    }

    /// Returns a copy with other values.
    ///
    /// - Parameter variable: the value of the variable that the entry declares, if it declares one.
    func with(meta: Node, data: Node, variable: VariableValue? = nil) -> EntryDeclaration {
        EntryDeclaration(
            id: id, kind: kind, kindLocation: kindLocation, location: location, meta: meta, data: data,
            variable: variable, namesVariables: namesVariables)
    }
}

extension Node {
    /// True if a text in the node may be a placeholder, or if a key may name a variable for another field.
    fileprivate var mayNameVariables: Bool {
        switch content {
        case .scalar(let scalar):
            switch origin {
            case .file?: false
            case .variables?, .missingVariable?: true
            case nil: scalar.isText && scalar.text.containsExactly("${")
            }
        case .sequence(let elements): elements.contains(where: \.mayNameVariables)
        case .mapping(let pairs):
            pairs.contains { FieldReader.namesVariable($0.key.string) || $0.value.mayNameVariables }
        }
    }
}
