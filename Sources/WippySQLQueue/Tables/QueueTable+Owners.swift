import WippyRuntime
import WippySQL
import WippyValues

// Owners.
extension QueueTable {
    /// Registers an owner.
    ///
    /// The owner's lock is held before other processes can see the owner.
    func addOwner(at now: Int) async throws -> (id: Int, lock: any OwnerLock) {
        let locks = database.target.ownerLocks
        var taken: (any OwnerLock)?
        do {
            return try await database.target.transaction { transaction in
                let added = try await transaction.first(
                    "INSERT INTO wippy_queue_owners (started) VALUES (\(now)) RETURNING id", as: Int.self)
                guard let added else {
                    throw WippyError(.internal, "the database gave this process no number", isRetryable: true)
                }
                let lock = try await locks.lock(added)
                taken = lock
                return (added, lock)
            }
        } catch {
            await taken?.release()
            throw error
        }
    }

    /// Returns all owners except one.
    func owners(beside owner: Int) async throws -> [Int] {
        let rows = try await database.target.rows(SQLStatement(texts.owners.others, [.integer(owner)]), atMost: .max)
        return rows.compactMap { $0[0]?.integer }
    }

    /// Frees the messages that a dead owner had claimed, and removes the owner.
    ///
    /// - Returns: the key of each message's queue.
    func free(_ owner: Int) async throws -> [String] {
        let rows = try await database.target.change(SQLStatement(texts.owners.free, [.integer(owner)]), .asConfigured)
        // The owner is removed last. If this process dies before that, the owner is found dead again.
        _ = try await change(texts.owners.forget, [.integer(owner)], .asConfigured)
        return rows.compactMap { $0[0]?.string }
    }

    /// Writes a row, to find out whether the database can be written.
    func probe(at now: Int) async throws {
        _ = try await change(texts.owners.probe, [.integer(now)], .asConfigured)
    }

    /// Returns the claims of an owner.
    func claims(of owner: Int) async throws -> [Claim] {
        let rows = try await database.target.rows(SQLStatement(texts.owners.claims, [.integer(owner)]), atMost: .max)
        return rows.compactMap { row in
            guard let id = row[0]?.integer, let attempt = row[1]?.integer else { return nil }
            return Claim(row: id, owner: owner, attempt: attempt, uniqueUntil: row[2]?.integer)
        }
    }

    /// Gives back the messages of an owner that stops, without counting the attempts, and removes the owner.
    func leave(_ owner: Int) async throws {
        _ = try await change(texts.owners.leave, [.integer(owner)], .asConfigured)
        _ = try await change(texts.owners.forget, [.integer(owner)], .asConfigured)
    }
}
