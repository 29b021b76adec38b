import WippyText

/// An entry as its definition file declares it, before its kind has read it.
///
/// It is a class, so that a second reading of a file can tell whether a declaration is the same.
public final class EntryDeclaration: Sendable {
    /// The entry's full id.
    public let id: EntryID

    /// The text of `kind`.
    ///
    /// Whether such a kind exists is checked later.
    public let kind: String

    /// The place of the value of `kind`.
    public let kindLocation: Location

    /// The place of the value of `name`.
    ///
    /// Missing fields are reported here.
    public let location: Location

    /// The map under `meta`, merged with the file's own `meta`.
    ///
    /// The entry's keys win.
    public let meta: Node

    /// The entry's other fields as one map: the value of `data` if the entry has that key, otherwise all keys except
    /// `name`, `kind` and `meta`.
    public let data: Node

    /// The value of the variable, if the entry declares one.
    public let variable: VariableValue?

    /// Whether its values may name variables, or were taken from some.
    let namesVariables: Bool

    /// Creates a declaration.
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

    /// The declaration with other values.
    ///
    /// - Parameter variable: what the variable has been read as that the entry declares.
    func with(meta: Node, data: Node, variable: VariableValue? = nil) -> EntryDeclaration {
        EntryDeclaration(
            id: id, kind: kind, kindLocation: kindLocation, location: location, meta: meta, data: data,
            variable: variable, namesVariables: namesVariables)
    }
}

extension Node {
    /// Whether a text in it may be a placeholder, or a key may name a variable for another.
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
