public import WippyDefinition

/// A database in which a durable queue can keep its messages.
///
/// Beside the statements of every database it says how far a commit waits for the disk, and tells whether another
/// process that works on the same tables is alive.
public protocol QueueDatabase: SQLDatabase {
    /// Runs one statement and drops its rows, if it has any, with a commit that is as durable as asked.
    func execute(_ statement: SQLStatement, _ durability: CommitDurability) async throws -> SQLChanges

    /// Runs one statement that changes rows, and gives those that it returns.
    ///
    /// It may share its commit with the changes of others that wait at the same time.
    func change(_ statement: SQLStatement, _ durability: CommitDurability) async throws -> SQLRows

    /// Has the commit of each transaction that begins from now on survive a power failure, until
    /// ``lowerDurability()`` was called as often.
    func raiseDurability()

    /// Ends what one call of ``raiseDurability()`` has begun.
    func lowerDurability()

    /// The locks by which those who work on the same tables know each other to be alive.
    var ownerLocks: any OwnerLocks { get }

    /// What a transaction of this database has as its ``QueueTransaction/database``.
    var identity: ObjectIdentifier { get }
}

/// A transaction of a database in which a durable queue can keep its messages.
public protocol QueueTransaction: SQLTransaction {
    /// The database, by its ``QueueDatabase/identity``.
    var database: ObjectIdentifier { get }

    /// Calls `body` once when the transaction has ended: with true if its changes were kept.
    func onEnd(_ body: @escaping @Sendable (Bool) -> Void)
}

/// How far a commit waits for the disk.
public enum CommitDurability: Sendable, Hashable {
    /// As far as the database's entry says.
    case asConfigured
    /// Until what was committed survives a power failure.
    case full
}

/// Tells which of those who work on the same tables are alive, without a guess at a time-out.
///
/// Each has a number of its own, which is never given twice, and a lock by that number. It is held until the process
/// lets it go or dies, however it dies.
public protocol OwnerLocks: Sendable {
    /// Takes the lock of an owner.
    ///
    /// - Throws: `Unavailable` if it cannot be taken: somebody has it, or its file cannot be made.
    func lock(_ owner: Int) throws -> any OwnerLock

    /// Whether somebody else holds the lock of an owner.
    func isHeld(_ owner: Int) throws -> Bool
}

/// A lock that is held until nothing refers to it any more.
public protocol OwnerLock: AnyObject, Sendable {}

/// The locks of a database that nobody outside the process can reach.
public struct NoOwnerLocks: OwnerLocks {
    private final class Lock: OwnerLock {}

    /// Creates the locks.
    public init() {}

    /// A lock that means nothing.
    public func lock(_ owner: Int) -> any OwnerLock { Lock() }

    /// False: an owner that this process does not know is gone.
    public func isHeld(_ owner: Int) -> Bool { false }
}

extension Contract where Offered == any QueueDatabase {
    /// An entry that keeps tables, and can keep those of durable queues.
    public static var queueDatabase: Self { Contract("a database that keeps queues", meaning: .accesses) }
}
