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

    /// Creates a declaration.
    public init(id: EntryID, kind: String, kindLocation: Location, location: Location, meta: Node, data: Node) {
        self.id = id
        self.kind = kind
        self.kindLocation = kindLocation
        self.location = location
        self.meta = meta
        self.data = data
    }
}
