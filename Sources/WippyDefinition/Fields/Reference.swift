/// The id of an entry that offers what the field needs: *I need it first*.
public struct Reference<Offered>: Hashable, Sendable {
    /// The entry referred to.
    public let id: EntryID

    /// What it must offer.
    public let contract: Contract<Offered>

    /// Creates a reference.
    public init(_ id: EntryID, _ contract: Contract<Offered>) {
        self.id = id
        self.contract = contract
    }
}

/// The id of the entry that this one belongs to: *it waits for me*.
///
/// The child cannot resolve it; the parent collects what is attached to it when it is built.
public struct Attachment<Parent>: Hashable, Sendable {
    /// The entry that this one belongs to.
    public let id: EntryID

    /// Creates an attachment.
    public init(_ id: EntryID) {
        self.id = id
    }
}

/// A place where an entry names another: what makes the plan's edges.
public struct ReferenceUse: Hashable, Sendable {
    /// Which of the two must be there first.
    public enum Direction: Sendable {
        /// The entry named: a consumer needs its queue.
        case needs
        /// The entry that names: an endpoint belongs to its router.
        case belongsTo
    }

    /// The field as written in YAML: `meta.router`.
    public let field: String

    /// Where the id stands.
    public let location: Location

    /// The entry named.
    public let target: EntryID

    /// What the entry named must offer; nil when any entry will do.
    public let contract: AnyContract?

    /// Which of the two must be there first.
    public let direction: Direction

    /// Creates a use of a reference.
    public init(
        field: String, location: Location, target: EntryID, contract: AnyContract?, direction: Direction
    ) {
        self.field = field
        self.location = location
        self.target = target
        self.contract = contract
        self.direction = direction
    }
}
