import WippyText

/// An entry as its definition file declares it, before its kind has read it.
///
/// It is a class, so that a second reading can keep the object of an unchanged entry.
public final class EntryDeclaration: Sendable {
    /// The entry's full id.
    public let id: EntryID

    /// The text of `kind`.
    ///
    /// It is possible that the program has no kind with this name.
    public let kind: String

    /// The place of the value of `kind`.
    public let kindLocation: Location

    /// The place of the value of `name`, at which missing fields are reported.
    public let location: Location

    /// The entry's `meta`, merged with the `meta` of its file.
    ///
    /// If both have a key, the entry's value takes precedence. An entry of a module also gets the key `module`, with
    /// the module's name. It also gets the key `module_version`, with the version from `wippy.lock`, unless a folder
    /// replaces the module. These values replace other values of the two keys. If there are no values at all, the map
    /// is empty.
    public let meta: Node

    /// The entry's own fields, as one map.
    ///
    /// It is the value of `data` if the entry has that key, even if the value is not a map. Otherwise it has all keys
    /// of the entry except `name`, `kind` and `meta`.
    public let data: Node

    /// The value of the variable that the entry declares; nil if the entry is not a variable, or has errors.
    public let variable: VariableValue?

    /// True if values of the entry may name variables, or come from variables.
    let namesVariables: Bool

    /// Creates the declaration of an entry that is not a variable.
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
