/// Tells which owners of messages in the same tables are alive.
///
/// Each owner has a number, which is never used twice, and a lock with this number. The owner's process holds the lock
/// until it releases the lock or ends. So other processes need no timeout to find out that it has ended.
public protocol OwnerLocks: Sendable {
    /// Takes the lock of an owner.
    ///
    /// - Parameter owner: the owner's number.
    /// - Throws: `WippyError` of kind `Unavailable` when another process has the lock, or when the lock's file cannot
    ///   be created.
    func lock(_ owner: Int) async throws -> any OwnerLock

    /// Returns true if the lock of an owner is held. Then the owner is alive.
    func isHeld(_ owner: Int) async throws -> Bool
}

/// A lock that is held until it is released, or until its process ends.
public protocol OwnerLock: Sendable {
    /// Releases the lock.
    ///
    /// Later calls do nothing.
    func release()
}

/// Locks without effect.
///
/// They suit a database that only this process can reach.
public struct NoOwnerLocks: OwnerLocks {
    private struct Lock: OwnerLock {
        func release() {}
    }

    /// Creates the locks.
    public init() {}

    /// Returns a lock without effect.
    public func lock(_ owner: Int) -> any OwnerLock { Lock() }

    /// Returns false.
    ///
    /// Only this process can reach the database, so no other process holds a lock.
    public func isHeld(_ owner: Int) -> Bool { false }
}
