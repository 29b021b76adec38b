import WippyRuntime
import WippySQL
import WippyValues

/// The statements on the tables of queues.
///
/// Each statement is one commit or a part of one.
///
/// Times are in milliseconds since 1970. A statement that changes a claimed message names the message's row, owner and
/// attempt. If the claim was lost, the statement finds no row.
final class QueueTable: Sendable {
    /// The largest number of messages that one statement changes, if the caller gives no number.
    static let step = 500

    /// The number at which a fast count stops.
    static let maxCount = 10_000

    let texts: Texts
    let database: Link<any QueueDatabase>

    init(database: Link<any QueueDatabase>) {
        self.database = database
        texts = Texts(for: database.target)
    }

    /// Runs a statement, and returns the number of changed rows.
    func change(_ text: String, _ arguments: [Value], _ durability: CommitDurability) async throws -> Int {
        try await database.target.execute(SQLStatement(text, arguments), durability).rowsAffected
    }
}

// Publishing.
extension QueueTable {
    /// Adds a message.
    ///
    /// - Returns: false if a message with the same unique key prevents this.
    func insert(_ new: NewMessage, _ durability: CommitDurability) async throws -> Bool {
        if try await change(texts.publishing.insert, new.arguments, durability) == 1 { return true }
        return try await insertAgain(new) { try await change($0, $1, durability) }
    }

    /// Adds a message within a transaction.
    ///
    /// Returns the same as ``insert(_:_:)``.
    func insert(_ new: NewMessage, in transaction: any SQLTransaction) async throws -> Bool {
        func run(_ text: String, _ arguments: [Value]) async throws -> Int {
            try await transaction.execute(SQLStatement(text, arguments)).rowsAffected
        }
        if try await run(texts.publishing.insert, new.arguments) == 1 { return true }
        return try await insertAgain(new, run)
    }

    /// Removes an acknowledged message whose unique key has expired, and tries again to add the new message.
    private func insertAgain(
        _ new: NewMessage, _ run: (String, [Value]) async throws -> Int
    ) async throws -> Bool {
        guard let unique = new.unique else { return false }
        // Another process may have removed that message already. So the new message is inserted in any case.
        _ = try await run(texts.publishing.forgetUnique, unique)
        return try await run(texts.publishing.insert, new.arguments) == 1
    }
}

// Claiming messages, and the ends of claims.
extension QueueTable {
    /// Claims the next messages of a queue, and returns them in order.
    func claim(_ most: Int, of queue: String, by owner: Int, suspects: Bool = false) async throws -> [ClaimedMessage] {
        let statement = SQLStatement(
            suspects ? texts.claiming.suspect : texts.claiming.ready, [.integer(owner), .string(queue), .integer(most)])
        // If a power failure undoes a claim, the message is ready.
        let rows = try await database.target.change(statement, .asConfigured)
        return rows.compactMap { ClaimedMessage($0.cells, of: owner) }.sorted { left, right in
            (right.priority, left.claim.row) < (left.priority, right.claim.row)
        }
    }

    /// Removes an acknowledged message, or keeps it for a while.
    ///
    /// - Returns: false if the claim was lost.
    func finish(_ claim: Claim, keptUntil time: Int?) async throws -> Bool {
        // If a power failure undoes this, the message is handled once more.
        guard let time else { return try await change(texts.settling.remove, claim.arguments, .asConfigured) == 1 }
        return try await change(texts.settling.keep, [.integer(time)] + claim.arguments, .asConfigured) == 1
    }

    /// Gives a message back without counting the attempt.
    ///
    /// Returns false if the claim was lost.
    func giveBack(_ claim: Claim) async throws -> Bool {
        try await change(texts.settling.giveBack, claim.arguments, .asConfigured) == 1
    }

    /// Lets a message wait for its next attempt at `due`.
    ///
    /// If `due` is nil, the message is ready at once.
    func tryAgain(_ claim: Claim, at due: Int?) async throws -> Bool {
        guard let due else { return try await change(texts.settling.retryAtOnce, claim.arguments, .asConfigured) == 1 }
        return try await change(texts.settling.delay, [.integer(due)] + claim.arguments, .asConfigured) == 1
    }

    /// Moves a message to another queue with new headers.
    ///
    /// Its attempts are counted from zero again. Its unique key stays in the old queue until the key's period ends.
    ///
    /// - Returns: false if the claim was lost.
    func move(_ claim: Claim, to queue: String, headers: String, at now: Int) async throws -> Bool {
        let arguments = [.string(queue), .string(headers)] + claim.arguments
        guard let end = claim.uniqueUntil, end > now else {
            return try await change(texts.settling.move, arguments, .asConfigured) == 1
        }
        return try await database.target.transaction { transaction in
            let find = SQLStatement(texts.settling.uniqueKey, claim.arguments)
            guard let row = try await transaction.rows(find, atMost: 1).first, let old = row[0], let key = row[1]
            else { return false }
            try await transaction.execute(SQLStatement(texts.settling.move, arguments))
            let place: [Value] = [old, .integer(end), .integer(now), key, .integer(end)]
            try await transaction.execute(SQLStatement(texts.settling.keepUnique, place))
            return true
        }
    }

    /// Returns true if a claim is still valid.
    func holds(_ claim: Claim) async throws -> Bool {
        try await !database.target.rows(SQLStatement(texts.settling.find, claim.arguments), atMost: 1).isEmpty
    }
}

// The passing of time.
extension QueueTable {
    /// The times that the driver must know.
    struct Moments: Decodable, Sendable {
        /// The time at which the next delayed message is due.
        let due: Int?
        /// The time at which the next acknowledged message must be removed.
        let removal: Int?
        /// True if any queue has a suspect.
        let suspects: Bool
    }

    func moments() async throws -> Moments {
        let rows = try await database.target.rows(SQLStatement(texts.time.moments), atMost: 1)
        return try rows.onlyRow(as: Moments.self)
    }

    /// Returns the keys of the queues that have suspects.
    func suspects() async throws -> [String] {
        let rows = try await database.target.rows(SQLStatement(texts.time.suspects), atMost: .max)
        return rows.compactMap { $0[0]?.string }
    }

    /// Makes due messages ready.
    ///
    /// - Returns: the key of each message's queue. If there are ``step`` keys, there may be more due messages.
    func makeReady(at now: Int) async throws -> [String] {
        let statement = SQLStatement(texts.time.makeReady, [.integer(now), .integer(Self.step)])
        return try await database.target.change(statement, .asConfigured).compactMap { $0[0]?.string }
    }

    /// Removes acknowledged messages whose time is up.
    ///
    /// - Returns: the number of removed messages. If it is ``step``, there may be more messages.
    func sweep(at now: Int) async throws -> Int {
        try await change(texts.time.sweep, [.integer(now), .integer(Self.step)], .asConfigured)
    }
}
