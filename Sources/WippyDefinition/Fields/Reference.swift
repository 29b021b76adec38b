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

/// The id of an entry that this one is made of: *I change when it changes*.
///
/// When the entry named is built anew, this one is, too; behind a ``Reference`` this one goes on.
public struct Part<Offered>: Hashable, Sendable {
    /// The entry as one that is needed first.
    public let reference: Reference<Offered>

    /// The entry that this one is made of.
    public var id: EntryID { reference.id }

    /// Only a field makes one: so the plan knows of each.
    init(_ reference: Reference<Offered>) {
        self.reference = reference
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

/// What an entry does with another that it names.
///
/// The entry named must be there first, except where an entry belongs to another. The order of a stop follows from who
/// publishes to a queue and who consumes it.
public enum ReferenceMeaning: Hashable, Sendable {
    /// It puts messages into the queue.
    case publishes
    /// It takes messages out of the queue.
    case consumes
    /// It calls the function, or runs the process.
    case calls
    /// It reads and writes the data.
    case accesses
    /// It is a part of the entry named, which is built with its parts.
    case belongsTo
    /// It needs the entry to be there, and that is all.
    case startsAfter
}

/// A place where an entry names another: what makes the plan's edges.
public struct ReferenceUse: Hashable, Sendable {
    /// The field as written in YAML: `dead_letter.queue`.
    public let field: String

    /// Where the id stands.
    public let location: Location

    /// The entry named.
    public let entry: EntryID

    /// What the entry named must offer; nil when any entry will do.
    public let contract: AnyContract?

    /// What this entry does with the one named; nil when that follows from what the one named offers.
    public let meaning: ReferenceMeaning?

    /// Whether this entry is made of what the other offers, so that a change of that one changes this one, too.
    public let isPart: Bool

    /// Creates a use of a reference.
    public init(
        field: String, location: Location, entry: EntryID, contract: AnyContract?, meaning: ReferenceMeaning?,
        isPart: Bool = false
    ) {
        self.field = field
        self.location = location
        self.entry = entry
        self.contract = contract
        self.meaning = meaning
        self.isPart = isPart
    }
}
