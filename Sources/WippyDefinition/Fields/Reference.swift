/// The id of an entry that must start before the entry that refers to it.
public struct Reference<Offered>: Hashable, Sendable {
    /// The id of the other entry.
    public let id: EntryID

    /// The contract that the other entry must offer.
    public let contract: Contract<Offered>

    /// Creates a reference.
    public init(_ id: EntryID, _ contract: Contract<Offered>) {
        self.id = id
        self.contract = contract
    }
}

/// The id of an entry on which another entry is built.
///
/// If the base changes, the other entry counts as changed, too. A ``Reference`` does not have this effect.
public struct Base<Offered>: Hashable, Sendable {
    /// The reference to the base.
    public let reference: Reference<Offered>

    /// The id of the base.
    public var id: EntryID { reference.id }

    /// Creates a base.
    ///
    /// Only fields create bases, so that the plan knows every base.
    init(_ reference: Reference<Offered>) {
        self.reference = reference
    }
}

/// The id of the entry to which an entry belongs, such as the id of an endpoint's router.
///
/// A router is built after its endpoints, because it collects them.
public struct Attachment<Parent>: Hashable, Sendable {
    /// The id of the entry to which the attached entry belongs.
    public let id: EntryID

    /// Creates an attachment.
    public init(_ id: EntryID) {
        self.id = id
    }
}

/// The use that an entry makes of another entry that it names.
public enum ReferenceMeaning: Hashable, Sendable {
    /// The entry publishes messages to the queue.
    case publishes
    /// The entry takes messages from the queue.
    case consumes
    /// The entry calls the function, or runs the process.
    case calls
    /// The entry reads or writes the data of the other entry.
    case accesses
    /// The entry belongs to the other entry, which is built later.
    case belongsTo
    /// The entry only needs the other entry to start first.
    case startsAfter
}

/// A place where one entry names another entry.
public struct ReferenceUse: Hashable, Sendable {
    /// The path of the field as the entry has it, such as `dead_letter.queue`.
    ///
    /// For a mention, it is the call in the code, such as `queue.publish`.
    public let field: String

    /// The place of the id.
    public let location: Location

    /// The id of the other entry.
    public let entry: EntryID

    /// The contract that the other entry must offer; nil for any entry.
    public let contract: AnyContract?

    /// The meaning of the reference; nil for the meaning of the first contract that the other entry offers.
    ///
    /// If it is nil and the other entry offers no contract, the meaning is ``ReferenceMeaning/startsAfter``.
    public let meaning: ReferenceMeaning?

    /// True if the entry that names the other entry is built on it.
    public let isBase: Bool

    /// Creates a use from its parts.
    public init(
        field: String, location: Location, entry: EntryID, contract: AnyContract?, meaning: ReferenceMeaning?,
        isBase: Bool = false
    ) {
        self.field = field
        self.location = location
        self.entry = entry
        self.contract = contract
        self.meaning = meaning
        self.isBase = isBase
    }
}
