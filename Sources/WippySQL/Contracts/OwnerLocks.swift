import Synchronization
import WippyRuntime

/// Tells which owners are alive.
///
/// An owner is one run of a queue's driver. It claims messages in tables that several processes can share. Each owner
/// has a number, which is never used twice, and holds a lock with this number while it lives. So other processes need
/// no timeout to find out that it has ended.
public protocol OwnerLocks: Sendable {
    /// Takes the lock of an owner.
    ///
    /// - Returns: the lock, which is held now.
    /// - Throws: `WippyError` of kind `Unavailable` when the lock is held already, or when it cannot be created.
    func lock(_ owner: Int) async throws -> any OwnerLock

    /// Returns true if the lock of an owner is held, by this process or another. Then the owner is alive.
    ///
    /// - Throws: an error when the answer is not known.
    func isHeld(_ owner: Int) async throws -> Bool
}

/// A lock that is held until it is released or lost, or until its process ends.
///
/// For example, a lock that belongs to a connection is lost with the connection.
public protocol OwnerLock: Sendable {
    /// False if the lock is lost.
    ///
    /// Then other processes may take the owner's messages. So the driver ends with an error.
    ///
    /// - Throws: the database's error if it cannot tell. Then the driver asks again later.
    var isHeld: Bool { get async throws }

    /// Releases the lock.
    ///
    /// When it returns, another process can take the lock. Later calls do nothing.
    func release() async
}

/// The locks of a database that only this process can reach, such as one in memory.
///
/// Several drivers of the process can use the database.
public final class ProcessOwnerLocks: OwnerLocks {
    private final class Lock: OwnerLock {
        private let owner: Int
        private let locks: ProcessOwnerLocks

        init(_ owner: Int, of locks: ProcessOwnerLocks) {
            (self.owner, self.locks) = (owner, locks)
        }

        var isHeld: Bool { locks.isHeld(owner) }

        func release() { _ = locks.held.withLock { $0.remove(owner) } }
    }

    private let held = Mutex<Set<Int>>([])

    /// Creates locks that nobody holds.
    public init() {}

    /// Takes the lock of an owner.
    ///
    /// - Throws: `WippyError` of kind `Unavailable` when the lock is held already.
    public func lock(_ owner: Int) throws -> any OwnerLock {
        guard held.withLock({ $0.insert(owner).inserted }) else {
            throw WippyError(.unavailable, "the lock \(owner) is held already", isRetryable: true)
        }
        return Lock(owner, of: self)
    }

    /// Returns true if the lock of an owner is held.
    public func isHeld(_ owner: Int) -> Bool { held.withLock { $0.contains(owner) } }
}
