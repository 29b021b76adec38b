import WippyText

/// An entry as its definition file declares it: named, located, not yet understood by its kind.
///
/// A class, so that one can tell whether a file that is read again declares the same.
public final class EntryDeclaration: Sendable {
    /// The entry's full id.
    public let id: EntryID

    /// The text of `kind`; whether there is such a kind, the catalogue of kinds says.
    public let kind: String

    /// Where the value of `kind` stands.
    public let kindLocation: Location

    /// Where the value of `name` stands: what is absent from the entry is reported here.
    public let location: Location

    /// The map under `meta`, merged with the file's own `meta`; the entry's keys win.
    public let meta: Node

    /// The entry's other fields as one map: what stands under `data`, if the entry has that key, else everything but
    /// `name`, `kind` and `meta`.
    public let data: Node

    /// What the variable has been read as that the entry declares, if it declares one.
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
