/// The id of an entry that this one needs first.
public struct Reference<Offered>: Hashable, Sendable {
    /// The other entry.
    public let id: EntryID

    /// The contract that it must offer.
    public let contract: Contract<Offered>

    /// Creates a reference.
    public init(_ id: EntryID, _ contract: Contract<Offered>) {
        self.id = id
        self.contract = contract
    }
}

/// The id of an entry that is a part of this one.
///
/// If the part is built anew, so is this entry. With a ``Reference`` this entry goes on.
public struct Part<Offered>: Hashable, Sendable {
    /// The part as a reference.
    public let reference: Reference<Offered>

    /// The part's entry.
    public var id: EntryID { reference.id }

    /// Only a field makes one: so the plan knows of each.
    init(_ reference: Reference<Offered>) {
        self.reference = reference
    }
}

/// The id of the entry that this one belongs to, which is built after this one.
///
/// This entry cannot resolve it. When the other entry is built, it collects the entries that belong to it.
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
/// The other entry must start first, unless this one belongs to it. The order of a stop follows from which entries
/// publish to a queue and which consume from it.
public enum ReferenceMeaning: Hashable, Sendable {
    /// It publishes messages to the queue.
    case publishes
    /// It takes messages from the queue.
    case consumes
    /// It calls the function, or runs the process.
    case calls
    /// It reads and writes the data.
    case accesses
    /// It belongs to the other entry, which is built with it.
    case belongsTo
    /// It only needs the other entry to start first.
    case startsAfter
}

/// A place where an entry names another.
///
/// The plan makes its edges from these.
public struct ReferenceUse: Hashable, Sendable {
    /// The field as written in YAML: `dead_letter.queue`.
    public let field: String

    /// The place of the id.
    public let location: Location

    /// The other entry.
    public let entry: EntryID

    /// The contract that the other entry must offer; nil for any entry.
    public let contract: AnyContract?

    /// What this entry does with the other one; nil for what the other one's contract says.
    public let meaning: ReferenceMeaning?

    /// Whether the other entry is a part of this one, so that this one is built anew with it.
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
