/// Tells which owners of messages in the same tables are alive, without a timeout.
///
/// Each owner has a number of its own, which is never used twice, and a lock with this number. The owner's process
/// holds the lock until it releases the lock or dies.
public protocol OwnerLocks: Sendable {
    /// Takes the lock of an owner.
    ///
    /// - Parameter owner: the owner's number.
    /// - Throws: `Unavailable` if another process has the lock, or if the lock's file cannot be created.
    func lock(_ owner: Int) async throws -> any OwnerLock

    /// Whether the lock of an owner is held, by which you know that the owner is alive.
    func isHeld(_ owner: Int) async throws -> Bool
}

/// A lock that is held until nothing refers to it any more.
public protocol OwnerLock: AnyObject, Sendable {}

/// Locks without effect, for a database that no other process can reach.
public struct NoOwnerLocks: OwnerLocks {
    private final class Lock: OwnerLock {}

    /// Creates the locks.
    public init() {}

    /// Returns a lock without effect.
    public func lock(_ owner: Int) -> any OwnerLock { Lock() }

    /// Returns false, because no other process can reach the database and hold a lock.
    public func isHeld(_ owner: Int) -> Bool { false }
}
